/*
 * Whose fault it is when a plan hangs or fails on a FUSE mount. A daemon of ours that has died, was stopped or turns in
 * circles is no word about the kernel, so this is asked before the kernel is blamed.
 */
#ifndef FATHOM_FUSE_WATCH_H
#define FATHOM_FUSE_WATCH_H

#include <sys/types.h>

#include "text.h"

#define MAX_DAEMONS 32

/* In the supervisor, before any worker: makes the memory that it shares with the worker and the daemons. */
void watch_init(void);
/* Before each plan. */
void watch_reset(void);

/* In the worker: a daemon for a mount point. False when there are MAX_DAEMONS. */
bool watch_add(pid_t daemon, int fuse, const char *target);
/* The daemon of a mount point and its descriptor of /dev/fuse; false when there is none. */
bool watch_find(const char *target, pid_t *daemon, int *fuse);
/* The latest daemon; 0 for none. */
pid_t watch_latest(void);

/* In the daemon: a request has been taken, and answered. */
void watch_begin(unsigned opcode);
void watch_end(void);
/* It ends because its filesystem has gone: that is no fault. */
void watch_retire(void);

/* Whether a daemon has died, and the words for it. */
bool watch_finds_dead(struct text *words);
/* The same for one that has died, is stopped, or gets no further in user space; this takes a while. */
bool watch_finds_fault(struct text *words);

#endif
