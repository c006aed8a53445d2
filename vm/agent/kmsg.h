/* /dev/kmsg: markers in, records out. */
#ifndef FATHOM_KMSG_H
#define FATHOM_KMSG_H

#include "text.h"

#define KMSG_TEXT_BYTES 8192

struct record {
	uint64_t sequence;
	uint64_t timestamp_us;
	unsigned level;
	unsigned facility;
	size_t length;
	/* Escapes (\xNN) decoded; a record of several lines has newlines in it. */
	char text[KMSG_TEXT_BYTES];
	/* Records that the kernel's buffer overwrote before this one could be read. */
	uint64_t lost;
};

struct kmsg {
	int fd;    /* -1 when it could not be opened */
	int error; /* why */
	bool known;
	uint64_t next; /* sequence number that should come next, if known */
};

/* From now on: what was logged before is not read. */
void kmsg_open(struct kmsg *kmsg);
void kmsg_close(struct kmsg *kmsg);
/* False when there is none at present. Never blocks. */
bool kmsg_read(struct kmsg *kmsg, struct record *record);
/* For a machine that is ours alone: lifts the kernel's limit on what is logged, and makes it cheap. */
void kmsg_open_writer(void);

/* The console shows what is above debug: a slow serial port need not carry more than where a step begins. */
#define LEVEL_INFO 6
#define LEVEL_DEBUG 7

/* Logs a line at that level. */
void kmsg_write(int level, const char *line, size_t length);
/* Logs `fathom: WHAT NAME`, so that every message belongs to one step. Beside other agents it is `fathom[PID]: …`. */
void kmsg_mark(const char *what, const char *name, size_t length);
/* Whether a record is such a marker of this agent; what == NULL: of any kind. */
bool kmsg_is_mark(const struct record *record, const char *what);
/* One record as read(2) returns it; false if it is none. */
bool kmsg_parse(const char *bytes, size_t length, struct record *record);

/* Records as JSON objects with commas between them, up to a limit that keeps the agent from running out of memory. */
struct messages {
	struct text json;
	size_t left_out;
	struct record last; /* of those left out */
};

void messages_add(struct messages *messages, const struct record *record);
/* Adds a note if records were lost before this one. */
void messages_note_gap(struct messages *messages, const struct record *record);
/* Adds what this agent itself has to say, at level 4 (warning), as the kernel's records are. */
void messages_note(struct messages *messages, uint64_t sequence, uint64_t timestamp_us, const char *text);
/* Moves all of `from` to the end of `to`. */
void messages_move(struct messages *to, struct messages *from);
/* Puts `[…]` and empties the messages. */
void messages_put(struct text *out, struct messages *messages);

#endif
