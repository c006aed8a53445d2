/* Where a process is that does not go on. */
#ifndef FATHOM_WHERE_H
#define FATHOM_WHERE_H

#include <sys/types.h>

#include "text.h"

/* `state …`, `wchan …`, `syscall …` and the kernel stack, as far as /proc tells; a line each. Its children follow, each after `child PID`. */
void describe_process(pid_t pid, struct text *out);
/* In a machine of our own, sysrq w logs the stacks of all that hang: the process may wait for a kernel thread. */
void log_blocked_tasks(const struct text *description);

#endif
