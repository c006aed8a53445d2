/* Growing text, and the JSON that is written with it. Running out of memory ends the process. */
#ifndef FATHOM_TEXT_H
#define FATHOM_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
	char *bytes;
	size_t length;
	size_t capacity;
};

void *allocate(size_t size);

void text_add(struct text *text, const void *bytes, size_t length);
void text_put(struct text *text, const char *string);
void text_format(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Drops the first `length` bytes. */
void text_consume(struct text *text, size_t length);
void text_clear(struct text *text);
void text_free(struct text *text);

/* A JSON string in quotes. Bytes that are no UTF-8 become U+FFFD: file names and kernel messages may hold any. */
void json_put_string(struct text *text, const char *bytes, size_t length);
/* Members, each with a comma before it. */
void json_member_string(struct text *text, const char *name, const char *string);
void json_member_integer(struct text *text, const char *name, int64_t value);

/* Length in bytes of the UTF-8 sequence at `bytes`, 0 if there is none (overlong forms and surrogates are none). */
size_t utf8_sequence(const unsigned char *bytes, size_t length);

#endif
