/* What a plan can do, one operation at a time. Runs in the worker, and may hang or die with it. */
#ifndef FATHOM_OPERATIONS_H
#define FATHOM_OPERATIONS_H

#include "plan.h"
#include "text.h"

#define LOOP_LINKS "/run/fathom/loop"
/* Most bytes in one result's members. */
#define MAX_RESULT_BYTES (16 * 1024 * 1024)

struct outcome {
	bool ok;
	int error;	/* when not ok */
	char call[300]; /* the system call that failed */
	/* What else the result has to say: JSON members, each with a comma before it. */
	struct text members;
};

/* Everything but misbehave, which is the worker's own. */
void perform(const struct operation *operation, struct outcome *outcome);

/* Takes errno and the call's name; returns false. */
bool failed(struct outcome *outcome, const char *call);

bool bind_operation(const struct operation *operation, struct outcome *outcome);
bool casefold_operation(const struct operation *operation, struct outcome *outcome);
bool look_operation(const struct operation *operation, struct outcome *outcome);
bool lose_writes_operation(const struct operation *operation, struct outcome *outcome);
bool mount_by_operation(const struct operation *operation, struct outcome *outcome);
bool reconfigure_operation(const struct operation *operation, struct outcome *outcome);
bool fsmount_operation(const struct operation *operation, struct outcome *outcome);
bool loop_operation(const struct operation *operation, struct outcome *outcome);
bool loop_detach_operation(const struct operation *operation, struct outcome *outcome);
bool read_operation(const struct operation *operation, struct outcome *outcome);
bool read_by_operation(const struct operation *operation, struct outcome *outcome);
bool tree_operation(const struct operation *operation, struct outcome *outcome);
bool change_operation(const struct operation *operation, struct outcome *outcome);
bool ecryptfs_key_operation(const struct operation *operation, struct outcome *outcome);
bool shell_operation(const struct operation *operation, struct outcome *outcome);
bool fsverity_operation(const struct operation *operation, struct outcome *outcome);
bool exercise_operation(const struct operation *operation, struct outcome *outcome);

/* Makes a directory and its parents (those with mode 0755). */
bool make_directories(const char *path, unsigned mode, struct outcome *outcome);
/* Tells the supervisor of a new file, directory or link, which it removes after the plan if it is still to be seen. */
void created(const char *path);
/* Detaches the loop devices that this agent has attached and calls `report` for each that is still bound. */
void detach_loops(void (*report)(const char *device));

#endif
