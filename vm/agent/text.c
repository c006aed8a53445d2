#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *allocate(size_t size)
{
	void *memory = calloc(1, size ? size : 1);

	if (!memory)
		abort();
	return memory;
}

static void reserve(struct text *text, size_t more)
{
	size_t needed = text->length + more + 1;

	if (needed <= text->capacity)
		return;
	size_t capacity = text->capacity ? text->capacity : 256;
	while (capacity < needed)
		capacity *= 2;
	char *bytes = realloc(text->bytes, capacity);
	if (!bytes)
		abort();
	text->bytes = bytes;
	text->capacity = capacity;
}

void text_add(struct text *text, const void *bytes, size_t length)
{
	reserve(text, length);
	if (length)
		memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
	text->bytes[text->length] = '\0';
}

void text_put(struct text *text, const char *string)
{
	text_add(text, string, strlen(string));
}

void text_format(struct text *text, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	int length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (length < 0)
		abort();
	reserve(text, (size_t)length);
	va_start(arguments, format);
	vsnprintf(text->bytes + text->length, (size_t)length + 1, format, arguments);
	va_end(arguments);
	text->length += (size_t)length;
}

void text_consume(struct text *text, size_t length)
{
	if (!length)
		return;
	memmove(text->bytes, text->bytes + length, text->length - length);
	text->length -= length;
	text->bytes[text->length] = '\0';
}

void text_clear(struct text *text)
{
	text->length = 0;
}

void text_free(struct text *text)
{
	free(text->bytes);
	*text = (struct text){ 0 };
}

size_t utf8_sequence(const unsigned char *bytes, size_t length)
{
	unsigned char first = bytes[0];
	size_t size = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;

	if (size == 0 || size > length)
		return 0;
	for (size_t i = 1; i < size; i++)
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
	if (first == 0xe0 && bytes[1] < 0xa0) /* overlong */
		return 0;
	if (first == 0xed && bytes[1] > 0x9f) /* surrogates */
		return 0;
	if (first == 0xf0 && bytes[1] < 0x90) /* overlong */
		return 0;
	if (first == 0xf4 && bytes[1] > 0x8f) /* above U+10FFFF */
		return 0;
	return size;
}

void json_put_string(struct text *text, const char *bytes, size_t length)
{
	const unsigned char *at = (const unsigned char *)bytes;
	const unsigned char *end = at + length;

	text_put(text, "\"");
	while (at < end) {
		size_t size = utf8_sequence(at, (size_t)(end - at));
		if (size == 0) {
			text_put(text, "\\ufffd");
			size = 1;
		} else if (*at == '"' || *at == '\\') {
			text_format(text, "\\%c", *at);
		} else if (*at < 0x20 || *at == 0x7f) {
			text_format(text, "\\u%04x", *at);
		} else {
			text_add(text, at, size);
		}
		at += size;
	}
	text_put(text, "\"");
}

void json_member_string(struct text *text, const char *name, const char *string)
{
	text_format(text, ",\"%s\":", name);
	json_put_string(text, string, strlen(string));
}

void json_member_integer(struct text *text, const char *name, int64_t value)
{
	text_format(text, ",\"%s\":%lld", name, (long long)value);
}
