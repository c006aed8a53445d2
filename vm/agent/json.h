/* A strict JSON reader (RFC 8259, UTF-8 only): one line in, a tree out, all of it in one arena. */
#ifndef FATHOM_JSON_H
#define FATHOM_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena {
	struct arena_chunk *chunks;
};

void *arena_allocate(struct arena *arena, size_t size);
void arena_free(struct arena *arena);

/* Bytes with a NUL behind them; there may be NULs within. */
struct string {
	const char *bytes;
	size_t length;
	/* In UTF-16 code units, which is what the limits of protocol.ts count. */
	size_t units;
};

enum json_kind { JSON_NULL, JSON_BOOLEAN, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json {
	enum json_kind kind;
	bool truth;
	/* A number written without fraction or exponent, within 2^53. */
	bool is_integer;
	int64_t integer;
	struct string string;
	/* Elements of an array, members of an object, in order. */
	struct json *first;
	struct json *next;
	/* Of a member. Uniqueness is for the reader of the object to check: it knows which members there may be. */
	struct string key;
};

struct json_fault {
	size_t offset;
	const char *reason;
};

/* NULL, with the place and the reason in `fault`, if the bytes are not exactly one JSON value. */
struct json *json_parse(struct arena *arena, const char *bytes, size_t length, struct json_fault *fault);

bool string_is(struct string string, const char *expected);

#endif
