#include "kmsg.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent.h"

#define LIMIT_BYTES (4 * 1024 * 1024)

void kmsg_open(struct kmsg *kmsg)
{
	*kmsg = (struct kmsg){ .fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC) };
	if (kmsg->fd >= 0)
		lseek(kmsg->fd, 0, SEEK_END); /* behind the last record, Documentation/ABI/testing/dev-kmsg */
	else
		kmsg->error = errno;
}

void kmsg_close(struct kmsg *kmsg)
{
	if (kmsg->fd >= 0)
		close(kmsg->fd);
	kmsg->fd = -1;
}

static bool take_number(const char **at, const char *end, char closing, uint64_t *number)
{
	const char *start = *at;

	*number = 0;
	for (; *at < end && **at >= '0' && **at <= '9'; (*at)++)
		*number = *number * 10 + (uint64_t)(**at - '0');
	return *at > start && *at < end && *(*at)++ == closing;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* `level,seq,usec,flags[,more];text`, then continuation lines ` KEY=value`, which are left out. */
bool kmsg_parse(const char *bytes, size_t length, struct record *record)
{
	const char *at = bytes, *end = bytes + length;
	uint64_t prefix;

	if (!take_number(&at, end, ',', &prefix) || !take_number(&at, end, ',', &record->sequence) ||
	    !take_number(&at, end, ',', &record->timestamp_us))
		return false;
	record->level = prefix & 7;
	record->facility = (unsigned)(prefix >> 3);
	at = memchr(at, ';', (size_t)(end - at));
	if (!at)
		return false;
	record->length = 0;
	for (at++; at < end && *at != '\n' && record->length < sizeof record->text - 1; at++) {
		char c = *at;
		if (c == '\\' && end - at >= 4 && at[1] == 'x' && hex_digit(at[2]) >= 0 && hex_digit(at[3]) >= 0) {
			c = (char)(hex_digit(at[2]) << 4 | hex_digit(at[3]));
			at += 3;
		}
		record->text[record->length++] = c;
	}
	record->text[record->length] = '\0';
	return true;
}

bool kmsg_read(struct kmsg *kmsg, struct record *record)
{
	char buffer[4 * KMSG_TEXT_BYTES];
	bool overran = false;

	if (kmsg->fd < 0)
		return false;
	for (;;) {
		ssize_t length = read(kmsg->fd, buffer, sizeof buffer);
		/* EPIPE: overrun; the next read goes on with the oldest record left, and its number tells how many are lost. */
		if (length < 0 && (errno == EPIPE || errno == EINTR)) {
			overran |= errno == EPIPE;
			continue;
		}
		if (length <= 0)
			return false;
		if (!kmsg_parse(buffer, (size_t)length, record))
			continue;
		record->lost = kmsg->known && record->sequence > kmsg->next ? record->sequence - kmsg->next : overran;
		kmsg->known = true;
		kmsg->next = record->sequence + 1;
		return true;
	}
}

/* As PID 1: open once and for all. */
static int writer = -1;

/*
 * The kernel limits the rate of each open file, unless it is told not to (Documentation/admin-guide/sysctl/kernel.rst,
 * printk_devkmsg); then one will do, and nothing has to be looked up for each line.
 */
void kmsg_open_writer(void)
{
	int limit = open("/proc/sys/kernel/printk_devkmsg", O_WRONLY | O_CLOEXEC);

	if (limit < 0)
		return;
	if (write(limit, "on\n", 3) == 3)
		writer = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	close(limit);
}

void kmsg_write(int level, const char *line, size_t length)
{
	struct text text = { 0 };
	int fd = writer >= 0 ? writer : open("/dev/kmsg", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	text_format(&text, "<%d>", level);
	text_add(&text, line, length);
	text_put(&text, "\n"); /* without it the record stays open for more, and no reader sees it */
	/* A marker that does not arrive is noticed by whoever waits for it. */
	(void)!write(fd, text.bytes, text.length);
	text_free(&text);
	if (fd != writer)
		close(fd);
}

static int put_prefix(char *out, size_t size, const char *what)
{
	if (agent_pid == 1)
		return snprintf(out, size, "fathom: %s", what);
	return snprintf(out, size, "fathom[%d]: %s", (int)agent_pid, what);
}

void kmsg_mark(const char *what, const char *name, size_t length)
{
	struct text line = { 0 };
	char prefix[64];

	put_prefix(prefix, sizeof prefix, what);
	text_format(&line, "%s ", prefix);
	text_add(&line, name, length);
	/* On the console, a slow serial port, where a step begins is enough. */
	kmsg_write(strcmp(what, "end") == 0 ? LEVEL_DEBUG : LEVEL_INFO, line.bytes, line.length);
	text_free(&line);
}

bool kmsg_is_mark(const struct record *record, const char *what)
{
	char prefix[64];
	int length = put_prefix(prefix, sizeof prefix, what ? what : "");

	return record->facility == 1 && strncmp(record->text, prefix, (size_t)length) == 0;
}

static void put_record(struct messages *messages, uint64_t sequence, unsigned level, unsigned facility, uint64_t timestamp_us,
		       const char *text, size_t length)
{
	text_format(&messages->json, "%s{\"sequence\":%llu,\"level\":%u,\"facility\":%u,\"timestampUs\":%llu,\"text\":",
		    messages->json.length ? "," : "", (unsigned long long)sequence, level, facility, (unsigned long long)timestamp_us);
	json_put_string(&messages->json, text, length);
	text_put(&messages->json, "}");
}

void messages_note(struct messages *messages, uint64_t sequence, uint64_t timestamp_us, const char *text)
{
	put_record(messages, sequence, 4, 1, timestamp_us, text, strlen(text));
}

void messages_add(struct messages *messages, const struct record *record)
{
	if (messages->json.length > LIMIT_BYTES) {
		messages->left_out++;
		messages->last = *record;
		return;
	}
	put_record(messages, record->sequence, record->level, record->facility, record->timestamp_us, record->text, record->length);
}

void messages_note_gap(struct messages *messages, const struct record *record)
{
	char text[100];

	if (!record->lost)
		return;
	snprintf(text, sizeof text, "fathom: at least %llu kernel messages lost here: the log overran its buffer",
		 (unsigned long long)record->lost);
	messages_note(messages, record->sequence ? record->sequence - 1 : 0, record->timestamp_us, text);
}

static void note_left_out(struct messages *messages)
{
	char text[100];

	if (!messages->left_out)
		return;
	snprintf(text, sizeof text, "fathom: %zu more kernel messages left out here: too many", messages->left_out);
	messages_note(messages, messages->last.sequence, messages->last.timestamp_us, text);
	messages->left_out = 0;
}

void messages_move(struct messages *to, struct messages *from)
{
	note_left_out(from);
	if (to->json.length && from->json.length)
		text_put(&to->json, ",");
	text_add(&to->json, from->json.bytes, from->json.length);
	text_free(&from->json);
}

void messages_put(struct text *out, struct messages *messages)
{
	note_left_out(messages);
	text_put(out, "[");
	text_add(out, messages->json.bytes, messages->json.length);
	text_put(out, "]");
	text_free(&messages->json);
}
