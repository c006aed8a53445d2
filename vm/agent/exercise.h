/* One process of the operation `exercise`: what it is told, what it has at hand, what it reports. */
#ifndef FATHOM_EXERCISE_H
#define FATHOM_EXERCISE_H

#include <signal.h>
#include <sys/stat.h>

#include "operations.h"
#include "population.h"
#include "random.h"

/* Bytes of one read, and of each half of the buffer. */
#define PIECE 65536
#define PAGE 4096

enum turn {
	TURN_DONE,
	TURN_REFUSED, /* in a way that chance brings about */
	TURN_FAILED,  /* and reported */
};

/* In memory that is shared with the process that waits. */
struct report {
	int64_t performed;
	int64_t refused;
	int error; /* 0 unless it failed */
	char call[64];
};

struct exercise {
	const struct operation *operation;
	unsigned process; /* from 0 */
	struct report *report;
	struct random random;
	char *buffer; /* two pieces, page-aligned, in memory already */
	int fd;	      /* of `path` */
	int sink;     /* of where the bytes go */
	int pipe[2];
	struct stat status; /* of `path` */
	char *map;	    /* the whole of it */
	struct population population;
	char room[4200]; /* churn's own directory */
};

/* A way of exercising: what comes before, and what is measured, once. */
struct manner {
	enum turn (*prepare)(struct exercise *exercise);
	enum turn (*run)(struct exercise *exercise);
};

/* NULL when the way is none of theirs. */
const struct manner *reading(enum way way);
const struct manner *copying_up(enum way way);
const struct manner *churning(enum way way);
const struct manner *rostressing(enum way way);

/* Reports errno and the call. */
enum turn exercise_failed(struct exercise *exercise, const char *call);

/*
 * Pages of mappings that could not be had (a read error, a file that became shorter, no room) since the last look:
 * anonymous ones are there instead.
 */
extern volatile sig_atomic_t pages_missed;

#endif
