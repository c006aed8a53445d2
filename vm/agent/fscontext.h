/* Filesystem contexts of the new mount API. What they say is put into `log` as JSON strings with commas between. */
#ifndef FATHOM_FSCONTEXT_H
#define FATHOM_FSCONTEXT_H

#include "operations.h"

/* fsopen(2) and all parameters; -1 with the outcome set when the kernel refuses one. */
int context_open(const struct operation *operation, struct text *log, struct outcome *outcome);
/* FSCONFIG_CMD_CREATE, fsmount(2) and move_mount(2). Closes the context. */
bool context_mount(int context, const struct operation *operation, struct text *log, struct outcome *outcome);
/* The log becomes the result's member `context`. */
void context_tell(struct text *log, struct outcome *outcome);

#endif
