/* The process that cleans up after a plan, and then runs the next one in a mount namespace of its own. */
#ifndef FATHOM_WORKER_H
#define FATHOM_WORKER_H

#include "plan.h"

/*
 * What the worker tells the supervisor: frames of one letter and some text, each with a NUL behind it.
 * Numbers are decimal, fields are set apart by one space.
 */
enum frame {
	FRAME_LEFTOVER = 'L',	/* WORDS: what the plan before has left behind */
	FRAME_SETTLED = 'S',	/* it waits for its plan */
	FRAME_READY = 'U',	/* the namespace stands */
	FRAME_REFUSED = 'F',	/* it does not: CALL ERRNO */
	FRAME_RESULT = 'R',	/* INDEX MEMBERS of its result */
	FRAME_SKIPPED = 'K',	/* INDEX MEMBERS of the result of a step that was not begun */
	FRAME_CREATED = 'D',	/* DEVICE INODE PATH */
	FRAME_MISBEHAVE = 'M',	/* how, as a number: for the supervisor to do */
	FRAME_BROKEN = 'B',	/* why nothing can be said of the kernel any more: instead of a result */
	FRAME_FINISHED = 'Z',
};

/*
 * Where the worker is, in memory shared with the supervisor. A frame or a record in the log for it would wake the
 * supervisor, and what costs most in an emulated guest is going from one address space to another.
 */
struct progress {
	_Atomic size_t step;	     /* the latest begun; the number of steps before the first */
	_Atomic int64_t begun_ns; /* its deadline runs from that time; 0: no step is under way */
};

/* The supervisor's and the worker's ends of what is between them. */
struct link {
	struct progress *progress;
	int pipe;  /* frames; -1 after the last */
	int knock; /* an eventfd: frames to be read at once. Those without are read at its next tick. */
	int sent;  /* an eventfd: a result has left. The next step begins then, so that no crash takes it along. */
};

/* What the process says from now on goes there. */
void worker_begin(const struct link *link);
void send_frame(enum frame kind, const char *words);
/*
 * Makes its namespace and waits for its plan: a line of protocol.ts without its end, which the supervisor has found to be
 * one.
 */
_Noreturn void worker_run(int orders);

#endif
