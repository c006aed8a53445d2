/* SHA-256 as in FIPS 180-4: the agent has no library to take it from. */
#ifndef FATHOM_SHA256_H
#define FATHOM_SHA256_H

#include <stddef.h>
#include <stdint.h>

struct sha256 {
	uint32_t state[8];
	uint64_t length; /* in bytes */
	unsigned char block[64];
};

void sha256_begin(struct sha256 *sha);
void sha256_add(struct sha256 *sha, const void *bytes, size_t length);
/* 64 hexadecimal digits and a NUL. */
void sha256_end(struct sha256 *sha, char hex[65]);

#endif
