/* The process that talks to the host and watches over the workers. It never waits for anything but poll(2). */
#ifndef FATHOM_SUPERVISOR_H
#define FATHOM_SUPERVISOR_H

#include "kmsg.h"
#include "port.h"

/* Serves the port until it ends (never, on a virtio port). SIGCHLD, SIGIO and what should end the agent must be blocked.
   What `kmsg` has to read belongs to the first plan, what comes after a plan to the next one: no message goes by unseen. */
void supervise(struct port *port, struct kmsg kmsg);

#endif
