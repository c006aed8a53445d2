#include "json.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

#define MAX_DEPTH 16
#define MAX_INTEGER 9007199254740991LL

struct arena_chunk {
	struct arena_chunk *next;
	size_t used;
	size_t size;
	/* Aligned as malloc's own. */
	_Alignas(max_align_t) char bytes[];
};

void *arena_allocate(struct arena *arena, size_t size)
{
	size_t rounded = (size + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
	struct arena_chunk *chunk = arena->chunks;

	if (!chunk || chunk->size - chunk->used < rounded) {
		size_t room = rounded > 65536 ? rounded : 65536;
		/* Zeroed as it is given away: most requests use little of it, and each page touched is a fault. */
		chunk = malloc(sizeof *chunk + room);
		if (!chunk)
			abort();
		*chunk = (struct arena_chunk){ .next = arena->chunks, .size = room };
		arena->chunks = chunk;
	}
	void *memory = chunk->bytes + chunk->used;
	chunk->used += rounded;
	return memset(memory, 0, rounded);
}

void arena_free(struct arena *arena)
{
	while (arena->chunks) {
		struct arena_chunk *chunk = arena->chunks;
		arena->chunks = chunk->next;
		free(chunk);
	}
}

struct reader {
	struct arena *arena;
	const char *start;
	const char *at;
	const char *end;
	unsigned depth;
	struct json_fault *fault;
};

static struct json *read_value(struct reader *reader);

static bool refuse(struct reader *reader, const char *reason)
{
	reader->fault->offset = (size_t)(reader->at - reader->start);
	reader->fault->reason = reason;
	return false;
}

static void skip_space(struct reader *reader)
{
	while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\t' || *reader->at == '\r' || *reader->at == '\n'))
		reader->at++;
}

static bool take(struct reader *reader, char expected)
{
	if (reader->at == reader->end || *reader->at != expected)
		return false;
	reader->at++;
	return true;
}

static bool is_digit(const struct reader *reader)
{
	return reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9';
}

static bool read_hex4(struct reader *reader, uint32_t *code)
{
	if (reader->end - reader->at < 4)
		return refuse(reader, "\\u needs four hexadecimal digits");
	*code = 0;
	for (int i = 0; i < 4; i++, reader->at++) {
		char c = *reader->at;
		uint32_t digit;
		if (c >= '0' && c <= '9')
			digit = (uint32_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			digit = (uint32_t)(c - 'a') + 10;
		else if (c >= 'A' && c <= 'F')
			digit = (uint32_t)(c - 'A') + 10;
		else
			return refuse(reader, "\\u needs four hexadecimal digits");
		*code = *code << 4 | digit;
	}
	return true;
}

static size_t encode_utf8(uint32_t code, char *out)
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xe0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3f));
		out[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3f));
	out[2] = (char)(0x80 | (code >> 6 & 0x3f));
	out[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

/* After a backslash. */
static bool read_escape(struct reader *reader, char *out, size_t *size)
{
	static const char letters[] = "\"\\/bfnrt";
	static const char meanings[] = "\"\\/\b\f\n\r\t";

	if (reader->at == reader->end)
		return refuse(reader, "the line ends in a string");
	const char *letter = *reader->at ? strchr(letters, *reader->at) : NULL;
	if (letter) {
		out[0] = meanings[letter - letters];
		*size = 1;
		reader->at++;
		return true;
	}
	if (!take(reader, 'u'))
		return refuse(reader, "unknown escape");
	uint32_t code;
	if (!read_hex4(reader, &code))
		return false;
	if (code >= 0xdc00 && code <= 0xdfff)
		return refuse(reader, "half of a surrogate pair");
	if (code >= 0xd800 && code <= 0xdbff) {
		uint32_t low;
		if (!take(reader, '\\') || !take(reader, 'u'))
			return refuse(reader, "half of a surrogate pair");
		if (!read_hex4(reader, &low))
			return false;
		if (low < 0xdc00 || low > 0xdfff)
			return refuse(reader, "half of a surrogate pair");
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
	}
	*size = encode_utf8(code, out);
	return true;
}

/* Where a string ends at the latest, so that room can be made for it: no decoded form is longer than the written one. */
static size_t written_length(const struct reader *reader)
{
	const char *at = reader->at;

	while (at < reader->end && *at != '"')
		at += *at == '\\' && at + 1 < reader->end ? 2 : 1;
	return (size_t)(at - reader->at);
}

static bool read_string(struct reader *reader, struct string *string)
{
	if (!take(reader, '"'))
		return refuse(reader, "expected a string");
	char *out = arena_allocate(reader->arena, written_length(reader) + 1);
	string->bytes = out;
	string->length = 0;
	string->units = 0;
	for (;;) {
		if (reader->at == reader->end)
			return refuse(reader, "the line ends in a string");
		unsigned char c = (unsigned char)*reader->at;
		size_t size;
		if (c == '"')
			break;
		if (c < 0x20)
			return refuse(reader, "control character in a string");
		if (c == '\\') {
			reader->at++;
			if (!read_escape(reader, out + string->length, &size))
				return false;
		} else {
			size = utf8_sequence((const unsigned char *)reader->at, (size_t)(reader->end - reader->at));
			if (size == 0)
				return refuse(reader, "not UTF-8");
			memcpy(out + string->length, reader->at, size);
			reader->at += size;
		}
		string->length += size;
		string->units += size == 4 ? 2 : 1;
	}
	reader->at++;
	return true; /* the arena is zeroed, so a NUL follows */
}

static bool read_number(struct reader *reader, struct json *value)
{
	bool negative = take(reader, '-');
	bool in_range = true;

	if (!is_digit(reader))
		return refuse(reader, "expected a digit");
	if (take(reader, '0')) {
		if (is_digit(reader))
			return refuse(reader, "a number must not begin with 0");
	} else {
		for (; is_digit(reader); reader->at++) {
			value->integer = value->integer * 10 + (*reader->at - '0');
			if (value->integer > MAX_INTEGER) {
				in_range = false;
				value->integer = MAX_INTEGER;
			}
		}
	}
	value->is_integer = in_range;
	if (negative)
		value->integer = -value->integer;
	if (take(reader, '.')) {
		value->is_integer = false;
		if (!is_digit(reader))
			return refuse(reader, "expected a digit");
		while (is_digit(reader))
			reader->at++;
	}
	if (take(reader, 'e') || take(reader, 'E')) {
		value->is_integer = false;
		if (!take(reader, '+'))
			take(reader, '-');
		if (!is_digit(reader))
			return refuse(reader, "expected a digit");
		while (is_digit(reader))
			reader->at++;
	}
	return true;
}

static bool read_word(struct reader *reader, const char *word)
{
	size_t length = strlen(word);

	if ((size_t)(reader->end - reader->at) < length || memcmp(reader->at, word, length) != 0)
		return refuse(reader, "expected a value");
	reader->at += length;
	return true;
}

/* After the opening bracket. */
static bool read_items(struct reader *reader, struct json *parent, char closing)
{
	struct json **link = &parent->first;

	skip_space(reader);
	if (take(reader, closing))
		return true;
	for (;;) {
		struct string key = { 0 };
		skip_space(reader);
		if (parent->kind == JSON_OBJECT) {
			if (!read_string(reader, &key))
				return false;
			skip_space(reader);
			if (!take(reader, ':'))
				return refuse(reader, "expected ':'");
		}
		*link = read_value(reader);
		if (!*link)
			return false;
		(*link)->key = key;
		link = &(*link)->next;
		skip_space(reader);
		if (take(reader, closing))
			return true;
		if (!take(reader, ','))
			return refuse(reader, closing == '}' ? "expected ',' or '}'" : "expected ',' or ']'");
	}
}

static bool read_into(struct reader *reader, struct json *value)
{
	char c = *reader->at;

	if (c == '{' || c == '[') {
		value->kind = c == '{' ? JSON_OBJECT : JSON_ARRAY;
		if (++reader->depth > MAX_DEPTH)
			return refuse(reader, "nested too deeply");
		reader->at++;
		if (!read_items(reader, value, c == '{' ? '}' : ']'))
			return false;
		reader->depth--;
		return true;
	}
	if (c == '"') {
		value->kind = JSON_STRING;
		return read_string(reader, &value->string);
	}
	if (c == '-' || (c >= '0' && c <= '9')) {
		value->kind = JSON_NUMBER;
		return read_number(reader, value);
	}
	if (c == 't' || c == 'f') {
		value->kind = JSON_BOOLEAN;
		value->truth = c == 't';
		return read_word(reader, value->truth ? "true" : "false");
	}
	value->kind = JSON_NULL;
	return read_word(reader, "null");
}

static struct json *read_value(struct reader *reader)
{
	skip_space(reader);
	if (reader->at == reader->end) {
		refuse(reader, "the line ends where a value should be");
		return NULL;
	}
	struct json *value = arena_allocate(reader->arena, sizeof *value);
	return read_into(reader, value) ? value : NULL;
}

struct json *json_parse(struct arena *arena, const char *bytes, size_t length, struct json_fault *fault)
{
	struct reader reader = { .arena = arena, .start = bytes, .at = bytes, .end = bytes + length, .fault = fault };
	struct json *value = read_value(&reader);

	if (!value)
		return NULL;
	skip_space(&reader);
	if (reader.at != reader.end) {
		refuse(&reader, "more bytes after the value");
		return NULL;
	}
	return value;
}

bool string_is(struct string string, const char *expected)
{
	return string.length == strlen(expected) && memcmp(string.bytes, expected, string.length) == 0;
}
