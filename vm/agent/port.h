/* The line to the host: whole lines in, whole lines out, never blocking. */
#ifndef FATHOM_PORT_H
#define FATHOM_PORT_H

#include "text.h"

struct port {
	int in;
	int out;
	/* A virtio port: the host may go and another may come. Otherwise the end of the input is the end. */
	bool is_virtio;
	bool connected;
	bool ended;
	struct text line;
	/* The rest of an over-long line is being thrown away. */
	bool skipping;
	struct queued *head;
	struct queued *tail;
	size_t queued_bytes;
};

typedef void line_handler(void *context, const char *line, size_t length, bool too_long);

/* Queues a line; the newline is added. */
void port_send(struct port *port, const struct text *line);
/* Queues bytes as they are. */
void port_send_raw(struct port *port, const void *bytes, size_t length);
/* Writes what can be written now. */
void port_flush(struct port *port);
/* Reads what there is now, up to 64 KiB, and hands over each line that is complete. */
void port_read(struct port *port, line_handler *handle, void *context);
/* The host is gone: half a line from it is dropped, half a line to it will be sent anew. */
void port_disconnected(struct port *port);
/* So much is waiting to be sent that nothing more should be made. */
bool port_is_full(const struct port *port);

#endif
