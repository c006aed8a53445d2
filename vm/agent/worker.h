/* The process that runs one plan, in a mount namespace of its own. */
#ifndef FATHOM_WORKER_H
#define FATHOM_WORKER_H

#include "plan.h"

/*
 * What the worker tells the supervisor: frames of one letter and some text, each with a NUL behind it.
 * Numbers are decimal, fields are set apart by one space.
 */
enum frame {
	FRAME_READY = 'U',	/* the namespace stands */
	FRAME_REFUSED = 'F',	/* it does not: CALL ERRNO */
	FRAME_BEGIN = 'B',	/* INDEX NANOSECONDS: a step begins, and its deadline runs from that time */
	FRAME_END = 'E',	/* it has ended, and its marker is in the log */
	FRAME_RESULT = 'R',	/* INDEX MEMBERS of its result */
	FRAME_SKIPPED = 'K',	/* INDEX MEMBERS of the result of a step that was not begun */
	FRAME_CREATED = 'D',	/* DEVICE INODE PATH */
	FRAME_MISBEHAVE = 'M',	/* how, as a number: for the supervisor to do */
	FRAME_FINISHED = 'Z',
};

/* `sent` is an eventfd: a step begins when the result of the one before has left, so that no crash takes it along. */
_Noreturn void worker_run(const struct request *plan, int pipe, int sent);

#endif
