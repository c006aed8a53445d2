/* The kernel's messages during a plan, sorted by the markers that the worker writes around each step. */
#ifndef FATHOM_STEP_LOG_H
#define FATHOM_STEP_LOG_H

#include "kmsg.h"

struct step_log {
	struct kmsg kmsg;
	/* Since the last marker. */
	struct messages pending;
	/* Of no step. */
	struct messages strays;
	/* The step's end marker was read; nothing more is until its result has taken the messages. */
	bool closed;
};

/* Reads what there is now. */
void step_log_read(struct step_log *log);
/* Puts `,"messages":[…]`: those of the step that has ended, or is given up. What kept any from being read is one of them. */
void step_log_take(struct step_log *log, struct text *line, bool ended);
/* Puts `[…]`: those of no step, since the log was opened or this was last asked. */
void step_log_end(struct step_log *log, struct text *line);

#endif
