/* The kernel's stack tracer: the deepest stack of any task since it was last reset. */
#ifndef FATHOM_TRACER_H
#define FATHOM_TRACER_H

#include "operations.h"

/* 500 entries at most (STACK_TRACE_ENTRIES), each a line. */
#define TRACER_TABLE_BYTES (64 * 1024)

struct tracer {
	int max_size; /* stack_max_size */
	int table;    /* stack_trace */
};

struct peak {
	char max_size[32]; /* decimal, as the kernel wrote it */
	size_t length;
	char table[TRACER_TABLE_BYTES];
};

/* Opened before what is measured, so that no path lookup is. ENODATA: the tracer is not switched on. */
bool tracer_open(struct tracer *tracer, struct outcome *outcome);
void tracer_close(const struct tracer *tracer);
/* These return false with errno. */
bool tracer_reset(const struct tracer *tracer);
/* What is read stays in the kernel's files until the next reset, or until something goes deeper. */
bool tracer_read(const struct tracer *tracer, struct peak *peak);

#endif
