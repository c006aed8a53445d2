/* The process that talks to the host and watches over the workers. It never waits for anything but poll(2). */
#ifndef FATHOM_SUPERVISOR_H
#define FATHOM_SUPERVISOR_H

#include "port.h"

/* Serves the port until it ends (never, on a virtio port). SIGCHLD, SIGIO and what should end the agent must be blocked. */
void supervise(struct port *port);

#endif
