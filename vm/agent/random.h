/* Chance that a seed decides, the same on every machine. */
#ifndef FATHOM_RANDOM_H
#define FATHOM_RANDOM_H

#include <stdint.h>

struct random {
	uint64_t state;
};

/* SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014). */
static inline uint64_t random_next(struct random *random)
{
	uint64_t z = random->state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* From 0 to below - 1. */
static inline unsigned random_below(struct random *random, unsigned below)
{
	return (unsigned)((random_next(random) >> 32) * below >> 32);
}

#endif
