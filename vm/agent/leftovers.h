/* What a plan has left behind: taken away where possible, named where not. */
#ifndef FATHOM_LEFTOVERS_H
#define FATHOM_LEFTOVERS_H

#include "text.h"

#define WATCHED_MODULES 10

/* What the machine was like before the plan. */
struct snapshot {
	struct text mounts;
	long module_uses[WATCHED_MODULES]; /* -1: not loaded */
};

void snapshot_take(struct snapshot *snapshot);
void snapshot_free(struct snapshot *snapshot);

/*
 * Runs in a process of its own, since any of it may hang: detaches the agent's loop devices, removes what was created
 * (`DEVICE INODE PATH`, each with a NUL behind it), waits up to `patience_ns` for superblocks to go, and tells what is
 * left to the supervisor, a frame each.
 */
void leftovers_run(const struct snapshot *before, const struct text *created, int64_t patience_ns);

#endif
