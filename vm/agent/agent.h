/* What every part of the agent may ask. */
#ifndef FATHOM_AGENT_H
#define FATHOM_AGENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The supervisor's process; also in its children. */
extern pid_t agent_pid;

/* Of CLOCK_MONOTONIC. */
int64_t now_ns(void);
/* Contents of a file of /proc or /sys as a string, cut to fit; false if it cannot be read. */
bool read_small_file(const char *path, char *out, size_t size);

#endif
