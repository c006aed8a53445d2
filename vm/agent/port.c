#include "port.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plan.h"

#define FULL_BYTES (8 * 1024 * 1024)

struct queued {
	struct queued *next;
	size_t length;
	size_t sent;
	char bytes[];
};

static struct queued *enqueue(struct port *port, size_t length)
{
	struct queued *item = allocate(sizeof *item + length);

	item->length = length;
	if (port->tail)
		port->tail->next = item;
	else
		port->head = item;
	port->tail = item;
	port->queued_bytes += length;
	return item;
}

void port_send(struct port *port, const struct text *line)
{
	struct queued *item = enqueue(port, line->length + 1);

	memcpy(item->bytes, line->bytes, line->length);
	item->bytes[line->length] = '\n';
}

void port_send_raw(struct port *port, const void *bytes, size_t length)
{
	memcpy(enqueue(port, length)->bytes, bytes, length);
}

static void dequeue(struct port *port)
{
	struct queued *item = port->head;

	port->head = item->next;
	if (!port->head)
		port->tail = NULL;
	port->queued_bytes -= item->length;
	free(item);
}

void port_flush(struct port *port)
{
	while (port->head && port->connected) {
		struct queued *item = port->head;
		ssize_t written = write(port->out, item->bytes + item->sent, item->length - item->sent);
		if (written < 0) {
			if (!port->is_virtio && errno != EAGAIN && errno != EINTR) { /* nobody will ever read it */
				port->ended = true;
				while (port->head)
					dequeue(port);
			}
			return;
		}
		item->sent += (size_t)written;
		if (item->sent == item->length)
			dequeue(port);
	}
}

static void take_bytes(struct port *port, const char *bytes, size_t length, line_handler *handle, void *context)
{
	while (length) {
		const char *newline = memchr(bytes, '\n', length);
		size_t part = newline ? (size_t)(newline - bytes) : length;
		if (!port->skipping && port->line.length + part > MAX_LINE_BYTES) {
			port->skipping = true;
			text_free(&port->line);
			handle(context, "", 0, true);
		}
		if (!port->skipping)
			text_add(&port->line, bytes, part);
		if (!newline)
			return;
		if (!port->skipping)
			handle(context, port->line.bytes, port->line.length, false);
		port->skipping = false;
		text_clear(&port->line);
		bytes += part + 1;
		length -= part + 1;
	}
}

void port_read(struct port *port, line_handler *handle, void *context)
{
	char buffer[65536];
	ssize_t length = read(port->in, buffer, sizeof buffer);

	if (length > 0)
		take_bytes(port, buffer, (size_t)length, handle, context);
	else if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	else if (port->is_virtio)
		port_disconnected(port);
	else
		port->ended = true;
}

void port_disconnected(struct port *port)
{
	port->connected = false;
	port->skipping = false;
	text_clear(&port->line);
	if (port->head)
		port->head->sent = 0;
}

bool port_is_full(const struct port *port)
{
	return port->queued_bytes > FULL_BYTES;
}
