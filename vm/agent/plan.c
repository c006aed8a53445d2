#include "plan.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "shape.h"

/* Where in the line something stands: `steps[3].operation.flags[0]`. */
struct place {
	const struct place *parent;
	const char *name; /* of a member; NULL for an element */
	size_t index;
};

struct decoder {
	struct arena *arena;
	char *reason;
};

static size_t put_place(char *out, size_t room, const struct place *place)
{
	if (!place)
		return 0;
	size_t length = put_place(out, room, place->parent);
	if (length >= room)
		return length;
	int more = place->name ? snprintf(out + length, room - length, "%s%s", place->parent ? "." : "", place->name)
			       : snprintf(out + length, room - length, "[%zu]", place->index);
	return length + (size_t)more;
}

#define REASON_SIZE 1024

__attribute__((format(printf, 3, 4))) static bool refuse(const struct decoder *decoder, const struct place *place,
							  const char *format, ...)
{
	size_t length = put_place(decoder->reason, 256, place);
	va_list arguments;

	if (length > 255)
		length = 255;
	if (length)
		length += (size_t)snprintf(decoder->reason + length, REASON_SIZE - length, ": ");
	va_start(arguments, format);
	vsnprintf(decoder->reason + length, REASON_SIZE - length, format, arguments);
	va_end(arguments);
	return false;
}

static const struct shape shapes[] = {
	{ "mount",
	  OP_MOUNT,
	  { { "source", FIELD_STRING, AT(source), PATH_BYTES },
	    { "target", FIELD_PATH, AT(target), 0 },
	    { "fstype", FIELD_STRING, AT(fstype), 63 },
	    { "flags", FIELD_MOUNT_FLAGS, AT(flags), 0 },
	    { "data", FIELD_STRING, AT(data), PATH_BYTES } } },
	{ "fsmount",
	  OP_FSMOUNT,
	  { { "fstype", FIELD_STRING, AT(fstype), 63 },
	    { "parameters", FIELD_PARAMETERS, AT(parameters), 600 },
	    { "target", FIELD_PATH, AT(target), 0 },
	    { "rdonly", FIELD_BOOLEAN, AT(rdonly), 0 } } },
	{ "umount", OP_UMOUNT, { { "target", FIELD_PATH, AT(target), 0 }, { "lazy", FIELD_BOOLEAN, AT(lazy), 0 } } },
	{ "reconfigure",
	  OP_RECONFIGURE,
	  { { "target", FIELD_PATH, AT(target), 0 }, { "parameters", FIELD_PARAMETERS, AT(parameters), 600 } } },
	{ "bind",
	  OP_BIND,
	  { { "source", FIELD_PATH, AT(source), 0 },
	    { "target", FIELD_PATH, AT(target), 0 },
	    { "rdonly", FIELD_BOOLEAN, AT(rdonly), 0 },
	    { "unbindable", FIELD_BOOLEAN, AT(unbindable), 0 } } },
	{ "mount-by",
	  OP_MOUNT_BY,
	  { { "by", FIELD_MOUNTER, AT(by), 0 },
	    { "api", FIELD_MOUNT_API, AT(api), 0 },
	    { "fstype", FIELD_STRING, AT(fstype), 63 },
	    { "source", FIELD_STRING, AT(source), PATH_BYTES },
	    { "target", FIELD_PATH, AT(target), 0 },
	    { "data", FIELD_STRING, AT(data), PATH_BYTES },
	    { "parameters", FIELD_PARAMETERS, AT(parameters), 600 } } },
	{ "casefold", OP_CASEFOLD, { { "path", FIELD_PATH, AT(path), 0 } } },
	{ "look", OP_LOOK, { { "path", FIELD_PATH, AT(path), 0 } } },
	{ "lose-writes", OP_LOSE_WRITES, { { "path", FIELD_PATH, AT(path), 0 } } },
	{ "loop",
	  OP_LOOP,
	  { { "name", FIELD_LOOP_NAME, AT(name), 0 },
	    { "file", FIELD_PATH, AT(path), 0 },
	    { "rdonly", FIELD_BOOLEAN, AT(rdonly), 0 },
	    { "directIo", FIELD_BOOLEAN, AT(direct_io), 0 } } },
	{ "loop-detach",
	  OP_LOOP_DETACH,
	  { { "name", FIELD_LOOP_NAME, AT(name), 0 }, { "keepName", FIELD_BOOLEAN, AT(keep_name), 0 } } },
	{ "mkdir", OP_MKDIR, { { "paths", FIELD_PATHS, AT(paths), MAX_STEPS }, { "mode", FIELD_MODE, AT(mode), 07777 } } },
	{ "write-text", OP_WRITE_TEXT, { { "path", FIELD_PATH, AT(path), 0 }, { "text", FIELD_TEXT, AT(content), 65536 } } },
	{ "copy-file", OP_COPY_FILE, { { "from", FIELD_PATH, AT(path), 0 }, { "to", FIELD_PATH, AT(to), 0 } } },
	{ "read", OP_READ, { { "path", FIELD_PATH, AT(path), 0 } } },
	{ "read-by", OP_READ_BY, { { "path", FIELD_PATH, AT(path), 0 }, { "how", FIELD_CONTENTS_WAY, AT(way), 0 } } },
	{ "open-write", OP_OPEN_WRITE, { { "path", FIELD_PATH, AT(path), 0 }, { "append", FIELD_TEXT, AT(content), 65536 } } },
	{ "tree", OP_TREE, { { "path", FIELD_PATH, AT(path), 0 } } },
	{ "change", OP_CHANGE, { { "change", FIELD_CHANGE, 0, 0 } } },
	{ "cgroup",
	  OP_CGROUP,
	  { { "name", FIELD_LOOP_NAME, AT(name), 0 },
	    { "memoryMaxBytes", FIELD_MODE, AT(memory_max_bytes), MAX_MEMORY_BYTES },
	    { "swapMaxBytes", FIELD_MODE, AT(swap_max_bytes), MAX_MEMORY_BYTES } } },
	{ "counters", OP_COUNTERS, { { "cgroup", FIELD_LOOP_NAME_OR_NONE, AT(cgroup), 0 } } },
	{ "hog", OP_HOG, { { "bytes", FIELD_COUNT, AT(bytes), MAX_MEMORY_BYTES }, { "how", FIELD_HOLDING, AT(holding), 0 } } },
	{ "swap", OP_SWAP, { { "sizeBytes", FIELD_COUNT, AT(bytes), MAX_MEMORY_BYTES } } },
	{ "verity",
	  OP_VERITY,
	  { { "name", FIELD_LOOP_NAME, AT(name), 0 },
	    { "data", FIELD_PATH, AT(data), 0 },
	    { "hash", FIELD_PATH, AT(hash), 0 },
	    { "dataBlocks", FIELD_COUNT, AT(data_blocks), UINT32_MAX },
	    { "hashStartBlock", FIELD_MODE, AT(hash_start_block), UINT32_MAX },
	    { "blockBytes", FIELD_COUNT, AT(block_bytes), 65536 },
	    { "algorithm", FIELD_LOOP_NAME, AT(algorithm), 0 },
	    { "salt", FIELD_HEX, AT(salt), 512 },
	    { "rootHash", FIELD_HEX, AT(root_hash), 512 } } },
	{ "fuse",
	  OP_FUSE,
	  { { "over", FIELD_PATH, AT(path), 0 },
	    { "target", FIELD_PATH, AT(target), 0 },
	    { "rdonly", FIELD_BOOLEAN, AT(rdonly), 0 },
	    { "passthrough", FIELD_BOOLEAN, AT(passthrough), 0 },
	    { "maxStackDepth", FIELD_MODE, AT(max_stack_depth), UINT32_MAX },
	    { "writebackCache", FIELD_BOOLEAN, AT(writeback_cache), 0 } } },
	{ "fuse-backing", OP_FUSE_BACKING, { { "target", FIELD_PATH, AT(target), 0 }, { "file", FIELD_PATH, AT(path), 0 } } },
	{ "ecryptfs-key", OP_ECRYPTFS_KEY, { { "signature", FIELD_HEX, AT(signature), 16 } } },
	{ "fsverity", OP_FSVERITY, { { "path", FIELD_PATH, AT(path), 0 } } },
	{ "sysctl",
	  OP_SYSCTL,
	  { { "name", FIELD_SYSCTL, AT(name), 255 }, { "value", FIELD_STRING, AT(value), PATH_BYTES } } },
	{ "drop-caches", OP_DROP_CACHES, { { 0 } } },
	{ "sysrq", OP_SYSRQ, { { "key", FIELD_LETTER, AT(key), 0 } } },
	{ "exercise",
	  OP_EXERCISE,
	  { { "how", FIELD_WAY, AT(way), 0 },
	    { "path", FIELD_PATH, AT(path), 0 },
	    { "to", FIELD_PATH_OR_NONE, AT(to), 0 },
	    { "seed", FIELD_MODE, AT(seed), UINT32_MAX },
	    { "count", FIELD_COUNT, AT(count), MAX_EXERCISE_COUNT },
	    { "processes", FIELD_COUNT, AT(processes), MAX_EXERCISE_PROCESSES },
	    { "cgroup", FIELD_LOOP_NAME_OR_NONE, AT(cgroup), 0 },
	    { "trace", FIELD_BOOLEAN, AT(trace), 0 } } },
	{ "shell",
	  OP_SHELL,
	  { { "script", FIELD_STRING, AT(value), 65536 },
	    { "rows", FIELD_COUNT, AT(rows), UINT16_MAX },
	    { "columns", FIELD_COUNT, AT(columns), UINT16_MAX },
	    { "raw", FIELD_BOOLEAN, AT(raw), 0 } } },
	{ "misbehave", OP_MISBEHAVE, { { "how", FIELD_MISBEHAVIOUR, AT(how), 0 } } },
};

static const struct flag mount_flags[] = {
	{ "rdonly", MS_RDONLY }, { "nosuid", MS_NOSUID }, { "nodev", MS_NODEV },   { "noexec", MS_NOEXEC },   { "silent", MS_SILENT },
	{ "bind", MS_BIND },	 { "private", MS_PRIVATE }, { "noatime", MS_NOATIME }, { "remount", MS_REMOUNT },
};

static const char *const ways[] = {
	[WAY_READ] = "read",
	[WAY_PREAD] = "pread",
	[WAY_READV] = "readv",
	[WAY_MMAP] = "mmap",
	[WAY_SENDFILE] = "sendfile",
	[WAY_SPLICE] = "splice",
	[WAY_COPY_FILE_RANGE] = "copy_file_range",
	[WAY_DIRECT] = "direct",
	[WAY_READAHEAD] = "readahead",
	[WAY_GETDENTS] = "getdents",
	[WAY_READLINK] = "readlink",
	[WAY_GETXATTR] = "getxattr",
	[WAY_EXEC] = "exec",
	[WAY_OPEN_WRITE] = "open-write",
	[WAY_TRUNCATE] = "truncate",
	[WAY_CHMOD] = "chmod",
	[WAY_CHOWN] = "chown",
	[WAY_UTIMENSAT] = "utimensat",
	[WAY_SETXATTR] = "setxattr",
	[WAY_LINK] = "link",
	[WAY_RENAME] = "rename",
	[WAY_MMAP_WRITE] = "mmap-write",
	[WAY_CHURN] = "churn",
	[WAY_ROSTRESS] = "rostress",
};

static const char *const holdings[] = {
	[HOLD_ANONYMOUS] = "anonymous",
	[HOLD_MLOCK] = "mlock",
	[HOLD_TMPFS] = "tmpfs",
};

static const char *const misbehaviours[] = {
	[MISBEHAVE_SPIN] = "spin",
	[MISBEHAVE_STOP] = "stop",
	[MISBEHAVE_GARBAGE] = "garbage",
	[MISBEHAVE_EXIT] = "exit",
	[MISBEHAVE_DAEMON_KILL] = "daemon-kill",
	[MISBEHAVE_DAEMON_STOP] = "daemon-stop",
	[MISBEHAVE_DAEMON_SPIN] = "daemon-spin",
};

static const char *const mounters[] = {
	[BY_USER_NAMESPACE] = "user-namespace",
	[BY_FOREIGN_CONTEXT] = "foreign-context",
};

static const char *const mount_apis[] = {
	[API_MOUNT] = "mount",
	[API_FSOPEN] = "fsopen",
};

static const char *const kind_names[] = {
	[JSON_NULL] = "null",	  [JSON_BOOLEAN] = "a boolean", [JSON_NUMBER] = "a number",
	[JSON_STRING] = "a string", [JSON_ARRAY] = "an array",	  [JSON_OBJECT] = "an object",
};

static bool expect(const struct decoder *decoder, const struct place *place, const struct json *value, enum json_kind kind)
{
	return value->kind == kind || refuse(decoder, place, "expected %s, not %s", kind_names[kind], kind_names[value->kind]);
}

/* Exactly the named members, each once, into `values`. */
static bool take_members(const struct decoder *decoder, const struct place *place, const struct json *object,
			 const char *const *names, size_t count, const struct json **values)
{
	if (!expect(decoder, place, object, JSON_OBJECT))
		return false;
	for (size_t i = 0; i < count; i++)
		values[i] = NULL;
	for (const struct json *member = object->first; member; member = member->next) {
		size_t i = 0;
		while (i < count && !string_is(member->key, names[i]))
			i++;
		if (i == count)
			return refuse(decoder, place, "unknown field \"%.100s\"", member->key.bytes);
		if (values[i])
			return refuse(decoder, place, "duplicate field \"%s\"", names[i]);
		values[i] = member;
	}
	for (size_t i = 0; i < count; i++)
		if (!values[i])
			return refuse(decoder, place, "missing field \"%s\"", names[i]);
	return true;
}

static const struct json *find_member(const struct json *object, const char *name)
{
	const struct json *member = object->first;

	while (member && !string_is(member->key, name))
		member = member->next;
	return member;
}

static bool take_string(const struct decoder *decoder, const struct place *place, const struct json *value, size_t limit,
			const char **out)
{
	if (!expect(decoder, place, value, JSON_STRING))
		return false;
	if (memchr(value->string.bytes, '\0', value->string.length))
		return refuse(decoder, place, "a NUL in it");
	if (value->string.length > limit)
		return refuse(decoder, place, "longer than %zu bytes", limit);
	*out = value->string.bytes;
	return true;
}

static bool take_path(const struct decoder *decoder, const struct place *place, const struct json *value, const char **out)
{
	if (!take_string(decoder, place, value, PATH_BYTES, out))
		return false;
	return (*out)[0] == '/' || refuse(decoder, place, "not an absolute path");
}

static bool count_elements(const struct decoder *decoder, const struct place *place, const struct json *value, size_t limit,
			   size_t *count)
{
	if (!expect(decoder, place, value, JSON_ARRAY))
		return false;
	for (const struct json *element = value->first; element; element = element->next)
		(*count)++;
	return *count <= limit || refuse(decoder, place, "more than %zu", limit);
}

static bool take_paths(const struct decoder *decoder, const struct place *place, const struct json *value, size_t limit,
		       struct operation *operation)
{
	struct place at = { .parent = place };
	size_t count = 0;

	if (!count_elements(decoder, place, value, limit, &count))
		return false;
	if (!count)
		return refuse(decoder, place, "empty");
	operation->paths = arena_allocate(decoder->arena, count * sizeof *operation->paths);
	operation->path_count = count;
	for (const struct json *element = value->first; element; element = element->next, at.index++)
		if (!take_path(decoder, &at, element, &operation->paths[at.index]))
			return false;
	return true;
}

static bool take_text(const struct decoder *decoder, const struct place *place, const struct json *value, size_t least,
		      size_t limit, struct string *out)
{
	if (!expect(decoder, place, value, JSON_STRING))
		return false;
	if (value->string.units < least)
		return refuse(decoder, place, "empty");
	if (value->string.units > limit)
		return refuse(decoder, place, "longer than %zu characters", limit);
	*out = value->string;
	return true;
}

static bool take_loop_name(const struct decoder *decoder, const struct place *place, const struct json *value, const char **out)
{
	static const char first[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	static const char rest[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";

	if (!take_string(decoder, place, value, 63, out))
		return false;
	if (!**out || !strchr(first, **out) || strspn(*out, rest) != strlen(*out))
		return refuse(decoder, place, "a loop name begins with a-z or 0-9 and goes on with these or . _ -");
	return true;
}

static bool take_hex(const struct decoder *decoder, const struct place *place, const struct json *value, size_t limit,
		     const char **out)
{
	if (!take_string(decoder, place, value, limit, out))
		return false;
	return (*out)[strspn(*out, "0123456789abcdef")] == '\0' || refuse(decoder, place, "not hexadecimal");
}

/* Below /proc/sys and nowhere else: no part of it begins with a dot. */
static bool take_sysctl(const struct decoder *decoder, const struct place *place, const struct json *value, size_t limit,
			const char **out)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";

	if (!take_string(decoder, place, value, limit, out))
		return false;
	for (const char *part = *out;; part++) {
		size_t length = strspn(part, letters);
		if (!length || *part == '.' || *part == '-' || (part[length] && part[length] != '/'))
			return refuse(decoder, place, "not the name of a sysctl, such as vm/min_free_kbytes");
		part += length;
		if (!*part)
			return true;
	}
}

static bool take_integer(const struct decoder *decoder, const struct place *place, const struct json *value, int64_t least,
			 int64_t most, int64_t *out)
{
	if (!expect(decoder, place, value, JSON_NUMBER))
		return false;
	if (!value->is_integer)
		return refuse(decoder, place, "not an integer");
	if (value->integer < least || value->integer > most)
		return refuse(decoder, place, "out of range");
	*out = value->integer;
	return true;
}

static bool take_flags(const struct decoder *decoder, const struct place *place, const struct json *value,
		       const struct flag *flags, size_t count, unsigned long *out)
{
	struct place at = { .parent = place };

	if (!expect(decoder, place, value, JSON_ARRAY))
		return false;
	for (const struct json *element = value->first; element; element = element->next, at.index++) {
		size_t i = 0;
		if (!expect(decoder, &at, element, JSON_STRING))
			return false;
		while (i < count && !string_is(element->string, flags[i].name))
			i++;
		if (i == count)
			return refuse(decoder, &at, "unknown flag \"%.100s\"", element->string.bytes);
		*out |= flags[i].flag;
	}
	return true;
}

static bool take_parameter(const struct decoder *decoder, const struct place *place, const struct json *value, struct parameter *out)
{
	const char *const names[] = { "kind", "key", "value" };
	const char *const fd_names[] = { "kind", "key", "path" };
	const struct json *members[3];

	if (!expect(decoder, place, value, JSON_OBJECT))
		return false;
	const struct json *kind = find_member(value, "kind");
	if (!kind)
		return refuse(decoder, place, "missing field \"kind\"");
	struct place kind_place = { place, "kind", 0 }, key_place = { place, "key", 0 };
	if (!expect(decoder, &kind_place, kind, JSON_STRING))
		return false;
	if (string_is(kind->string, "flag"))
		out->kind = PARAMETER_FLAG;
	else if (string_is(kind->string, "string"))
		out->kind = PARAMETER_STRING;
	else if (string_is(kind->string, "fd"))
		out->kind = PARAMETER_FD;
	else
		return refuse(decoder, &kind_place, "unknown kind \"%.100s\"", kind->string.bytes);
	bool is_fd = out->kind == PARAMETER_FD;
	struct place value_place = { place, is_fd ? "path" : "value", 0 };
	if (!take_members(decoder, place, value, is_fd ? fd_names : names, out->kind == PARAMETER_FLAG ? 2 : 3, members) ||
	    !take_string(decoder, &key_place, members[1], 255, &out->key))
		return false;
	if (out->kind == PARAMETER_FLAG)
		return true;
	return is_fd ? take_path(decoder, &value_place, members[2], &out->value)
		     : take_string(decoder, &value_place, members[2], PATH_BYTES, &out->value);
}

static bool take_parameters(const struct decoder *decoder, const struct place *place, const struct json *value, size_t limit,
			    struct operation *operation)
{
	struct place at = { .parent = place };
	size_t count = 0;

	if (!count_elements(decoder, place, value, limit, &count))
		return false;
	operation->parameters = arena_allocate(decoder->arena, count * sizeof *operation->parameters);
	operation->parameter_count = count;
	for (const struct json *element = value->first; element; element = element->next, at.index++)
		if (!take_parameter(decoder, &at, element, &operation->parameters[at.index]))
			return false;
	return true;
}

/* The index of a word in a list. */
static bool take_word(const struct decoder *decoder, const struct place *place, const struct json *value,
		      const char *const *words, size_t count, size_t *out)
{
	if (!expect(decoder, place, value, JSON_STRING))
		return false;
	for (size_t i = 0; i < count; i++)
		if (string_is(value->string, words[i])) {
			*out = i;
			return true;
		}
	return refuse(decoder, place, "unknown way \"%.100s\"", value->string.bytes);
}

static bool take_misbehaviour(const struct decoder *decoder, const struct place *place, const struct json *value,
			      enum misbehaviour *out)
{
	size_t index = 0;
	bool good = take_word(decoder, place, value, misbehaviours, COUNT(misbehaviours), &index);

	*out = (enum misbehaviour)index;
	return good;
}

static bool take_way(const struct decoder *decoder, const struct place *place, const struct json *value, enum way *out)
{
	size_t index = 0;
	bool good = take_word(decoder, place, value, ways, COUNT(ways), &index);

	*out = (enum way)index;
	return good;
}

/* Of those that give bytes: the others read no contents, write to a file, or are the operation `read`. */
static bool take_contents_way(const struct decoder *decoder, const struct place *place, const struct json *value, enum way *out)
{
	static const enum way given[] = { WAY_PREAD, WAY_READV, WAY_MMAP, WAY_SENDFILE, WAY_SPLICE, WAY_DIRECT, WAY_READAHEAD, WAY_EXEC };
	size_t i = 0;

	if (!take_way(decoder, place, value, out))
		return false;
	while (i < COUNT(given) && given[i] != *out)
		i++;
	return i < COUNT(given) || refuse(decoder, place, "%s gives no contents", ways[*out]);
}

static bool take_holding(const struct decoder *decoder, const struct place *place, const struct json *value, enum holding *out)
{
	size_t index = 0;
	bool good = take_word(decoder, place, value, holdings, COUNT(holdings), &index);

	*out = (enum holding)index;
	return good;
}

/* What a word stands for. */
static bool take_named(const struct decoder *decoder, const struct place *place, const struct json *value,
		       const struct flag *words, size_t count, unsigned long *out)
{
	if (!expect(decoder, place, value, JSON_STRING))
		return false;
	for (size_t i = 0; i < count; i++)
		if (string_is(value->string, words[i].name)) {
			*out = words[i].flag;
			return true;
		}
	return refuse(decoder, place, "unknown word \"%.100s\"", value->string.bytes);
}

static int digit(char letter)
{
	return letter <= '9' ? letter - '0' : letter - 'a' + 10;
}

/* Two hexadecimal digits a byte; at most `limit` bytes. */
static bool take_bytes(const struct decoder *decoder, const struct place *place, const struct json *value, size_t limit,
		       struct string *out)
{
	const char *digits;

	if (!take_hex(decoder, place, value, 2 * limit, &digits))
		return false;
	if (value->string.length % 2)
		return refuse(decoder, place, "half a byte at its end");
	size_t length = value->string.length / 2;
	char *bytes = arena_allocate(decoder->arena, length + 1);
	for (size_t i = 0; i < length; i++)
		bytes[i] = (char)(digit(digits[2 * i]) << 4 | digit(digits[2 * i + 1]));
	*out = (struct string){ .bytes = bytes, .length = length };
	return true;
}

/* A decimal that fits 64 bits, with nothing before its first digit but a sign. */
static bool take_nanoseconds(const struct decoder *decoder, const struct place *place, const struct json *value, int64_t *out)
{
	const char *digits;
	char *end;

	if (!take_string(decoder, place, value, 20, &digits))
		return false;
	const char *first = digits + (*digits == '-');
	size_t length = strspn(first, "0123456789");
	if (!length || first[length] || (*first == '0' && (length > 1 || first != digits)))
		return refuse(decoder, place, "not a decimal number");
	errno = 0;
	*out = strtoll(digits, &end, 10);
	return errno == 0 || refuse(decoder, place, "does not fit 64 bits");
}

static bool take_mounter(const struct decoder *decoder, const struct place *place, const struct json *value, enum mounter *out)
{
	size_t index = 0;
	bool good = take_word(decoder, place, value, mounters, COUNT(mounters), &index);

	*out = (enum mounter)index;
	return good;
}

static bool take_mount_api(const struct decoder *decoder, const struct place *place, const struct json *value,
			   enum mount_api *out)
{
	size_t index = 0;
	bool good = take_word(decoder, place, value, mount_apis, COUNT(mount_apis), &index);

	*out = (enum mount_api)index;
	return good;
}

static bool is_empty(const struct json *value)
{
	return value->kind == JSON_STRING && value->string.length == 0;
}

static bool take_letter(const struct decoder *decoder, const struct place *place, const struct json *value, char *out)
{
	if (!expect(decoder, place, value, JSON_STRING))
		return false;
	if (value->string.length != 1)
		return refuse(decoder, place, "not one ASCII character");
	*out = value->string.bytes[0];
	return true;
}

static bool take_change(const struct decoder *decoder, const struct place *place, const struct json *value,
			struct operation *operation);

static bool take_field(const struct decoder *decoder, const struct place *place, const struct json *value,
		       const struct field *field, struct operation *operation)
{
	void *out = (char *)operation + field->offset;

	switch (field->type) {
	case FIELD_PATH:
		return take_path(decoder, place, value, out);
	case FIELD_PATH_OR_NONE:
		*(const char **)out = "";
		return is_empty(value) || take_path(decoder, place, value, out);
	case FIELD_PATHS:
		return take_paths(decoder, place, value, field->limit, operation);
	case FIELD_STRING:
		return take_string(decoder, place, value, field->limit, out);
	case FIELD_TEXT:
		return take_text(decoder, place, value, 0, field->limit, out);
	case FIELD_MODE:
		return take_integer(decoder, place, value, 0, (int64_t)field->limit, out);
	case FIELD_COUNT:
		return take_integer(decoder, place, value, 1, (int64_t)field->limit, out);
	case FIELD_LOOP_NAME:
		return take_loop_name(decoder, place, value, out);
	case FIELD_LOOP_NAME_OR_NONE:
		*(const char **)out = "";
		return is_empty(value) || take_loop_name(decoder, place, value, out);
	case FIELD_WAY:
		return take_way(decoder, place, value, out);
	case FIELD_CONTENTS_WAY:
		return take_contents_way(decoder, place, value, out);
	case FIELD_HEX:
		return take_hex(decoder, place, value, field->limit, out);
	case FIELD_HOLDING:
		return take_holding(decoder, place, value, out);
	case FIELD_SYSCTL:
		return take_sysctl(decoder, place, value, field->limit, out);
	case FIELD_LETTER:
		return take_letter(decoder, place, value, out);
	case FIELD_MOUNT_FLAGS:
		return take_flags(decoder, place, value, mount_flags, COUNT(mount_flags), out);
	case FIELD_RENAME_FLAGS:
		return take_flags(decoder, place, value, rename_flags, RENAME_FLAG_COUNT, out);
	case FIELD_FALLOCATE:
		return take_named(decoder, place, value, fallocate_modes, FALLOCATE_MODE_COUNT, out);
	case FIELD_NODE_TYPE:
		return take_named(decoder, place, value, node_types, NODE_TYPE_COUNT, out);
	case FIELD_BYTES:
		return take_bytes(decoder, place, value, field->limit, out);
	case FIELD_NANOSECONDS:
		return take_nanoseconds(decoder, place, value, out);
	case FIELD_CHANGE:
		return take_change(decoder, place, value, operation);
	case FIELD_PARAMETERS:
		return take_parameters(decoder, place, value, field->limit, operation);
	case FIELD_MISBEHAVIOUR:
		return take_misbehaviour(decoder, place, value, out);
	case FIELD_MOUNTER:
		return take_mounter(decoder, place, value, out);
	case FIELD_MOUNT_API:
		return take_mount_api(decoder, place, value, out);
	case FIELD_BOOLEAN:
		if (!expect(decoder, place, value, JSON_BOOLEAN))
			return false;
		*(bool *)out = value->truth;
		return true;
	}
	abort();
}

/* An object whose member `tag` says which of the shapes it has; `what` is what they are called. */
static const struct shape *take_shape(const struct decoder *decoder, const struct place *place, const struct json *value,
				      const char *tag, const char *what, const struct shape *shape, size_t shape_count,
				      struct operation *operation)
{
	const char *names[MAX_FIELDS + 1] = { tag };
	const struct json *members[MAX_FIELDS + 1];
	const struct shape *end = shape + shape_count;
	size_t count = 0;

	if (!expect(decoder, place, value, JSON_OBJECT))
		return NULL;
	const struct json *name = find_member(value, tag);
	if (!name) {
		refuse(decoder, place, "missing field \"%s\"", tag);
		return NULL;
	}
	struct place tag_place = { place, tag, 0 };
	if (!expect(decoder, &tag_place, name, JSON_STRING))
		return NULL;
	while (shape < end && !string_is(name->string, shape->name))
		shape++;
	if (shape == end) {
		refuse(decoder, &tag_place, "unknown %s \"%.100s\"", what, name->string.bytes);
		return NULL;
	}
	for (; count < MAX_FIELDS && shape->fields[count].name; count++)
		names[count + 1] = shape->fields[count].name;
	if (!take_members(decoder, place, value, names, count + 1, members))
		return NULL;
	for (size_t i = 0; i < count; i++) {
		struct place at = { place, names[i + 1], 0 };
		if (!take_field(decoder, &at, members[i + 1], &shape->fields[i], operation))
			return NULL;
	}
	return shape;
}

static bool take_change(const struct decoder *decoder, const struct place *place, const struct json *value,
			struct operation *operation)
{
	const struct shape *shape =
		take_shape(decoder, place, value, "how", "change", change_shapes, CHANGE_COUNT, operation);

	if (shape)
		operation->change = (enum change)shape->kind;
	return shape != NULL;
}

static bool take_operation(const struct decoder *decoder, const struct place *place, const struct json *value,
			   struct operation *operation)
{
	const struct shape *shape = take_shape(decoder, place, value, "op", "operation", shapes, COUNT(shapes), operation);

	if (shape)
		operation->kind = (enum operation_kind)shape->kind;
	return shape != NULL;
}

/* Step ids → indices, open addressing; at most half full. */
struct ids {
	size_t slots[2 * MAX_STEPS]; /* index + 1, 0 for empty */
	const struct step *steps;
};

static size_t *find_id(struct ids *ids, struct string id)
{
	uint32_t hash = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < id.length; i++)
		hash = (hash ^ (unsigned char)id.bytes[i]) * 16777619u;
	for (size_t slot = hash % COUNT(ids->slots);; slot = (slot + 1) % COUNT(ids->slots)) {
		if (ids->slots[slot] == 0)
			return &ids->slots[slot];
		struct string other = ids->steps[ids->slots[slot] - 1].id;
		if (other.length == id.length && memcmp(other.bytes, id.bytes, id.length) == 0)
			return &ids->slots[slot];
	}
}

static bool take_needs(const struct decoder *decoder, const struct place *place, const struct json *value, struct ids *ids,
		       struct step *step)
{
	struct place at = { .parent = place };
	size_t count = 0;

	if (!expect(decoder, place, value, JSON_ARRAY))
		return false;
	for (const struct json *element = value->first; element; element = element->next)
		count++;
	step->needs = arena_allocate(decoder->arena, count * sizeof *step->needs);
	step->need_count = count;
	for (const struct json *element = value->first; element; element = element->next, at.index++) {
		if (!expect(decoder, &at, element, JSON_STRING))
			return false;
		size_t found = *find_id(ids, element->string);
		if (!found)
			return refuse(decoder, &at, "no earlier step is called \"%.130s\"", element->string.bytes);
		step->needs[at.index] = found - 1;
	}
	return true;
}

static bool take_step(const struct decoder *decoder, const struct place *place, const struct json *value, struct ids *ids,
		      struct step *step)
{
	static const char *const names[] = { "id", "needs", "deadlineMs", "operation" };
	const struct json *members[COUNT(names)];
	struct place places[COUNT(names)];

	for (size_t i = 0; i < COUNT(names); i++)
		places[i] = (struct place){ place, names[i], 0 };
	if (!take_members(decoder, place, value, names, COUNT(names), members) ||
	    !take_text(decoder, &places[0], members[0], 1, 127, &step->id))
		return false;
	if (memchr(step->id.bytes, '\0', step->id.length))
		return refuse(decoder, &places[0], "a NUL in it");
	size_t *slot = find_id(ids, step->id);
	if (*slot)
		return refuse(decoder, &places[0], "an earlier step has the same id");
	if (!take_needs(decoder, &places[1], members[1], ids, step))
		return false;
	*slot = (size_t)(step - ids->steps) + 1;
	/* A day: so that no sum of deadlines and clocks can overflow. */
	return take_integer(decoder, &places[2], members[2], 1, 86400000, &step->deadline_ms) &&
	       take_operation(decoder, &places[3], members[3], &step->operation);
}

static bool take_steps(const struct decoder *decoder, const struct json *value, struct request *request)
{
	struct place place = { NULL, "steps", 0 }, at = { .parent = &place };

	if (!expect(decoder, &place, value, JSON_ARRAY))
		return false;
	for (const struct json *element = value->first; element; element = element->next)
		request->step_count++;
	if (request->step_count > MAX_STEPS)
		return refuse(decoder, &place, "more than %d", MAX_STEPS);
	request->steps = arena_allocate(decoder->arena, request->step_count * sizeof *request->steps);
	struct ids *ids = arena_allocate(decoder->arena, sizeof *ids);
	ids->steps = request->steps;
	for (const struct json *element = value->first; element; element = element->next, at.index++)
		if (!take_step(decoder, &at, element, ids, &request->steps[at.index]))
			return false;
	return true;
}

static bool take_request(const struct decoder *decoder, const struct json *value, struct request *request)
{
	static const char *const names[] = { "v", "type", "id", "steps" };
	const struct json *members[COUNT(names)];
	struct place version_place = { NULL, "v", 0 }, type_place = { NULL, "type", 0 }, id_place = { NULL, "id", 0 };

	if (!expect(decoder, NULL, value, JSON_OBJECT))
		return false;
	const struct json *version = find_member(value, "v");
	const struct json *type = find_member(value, "type");
	if (!version)
		return refuse(decoder, NULL, "missing field \"v\"");
	if (version->kind != JSON_NUMBER || !version->is_integer || version->integer != PROTOCOL_VERSION)
		return refuse(decoder, &version_place, "only version %d is understood", PROTOCOL_VERSION);
	if (!type)
		return refuse(decoder, NULL, "missing field \"type\"");
	if (!expect(decoder, &type_place, type, JSON_STRING))
		return false;
	if (string_is(type->string, "ping"))
		request->kind = REQUEST_PING;
	else if (string_is(type->string, "plan"))
		request->kind = REQUEST_PLAN;
	else
		return refuse(decoder, &type_place, "unknown type \"%.100s\"", type->string.bytes);
	bool is_plan = request->kind == REQUEST_PLAN;
	return take_members(decoder, NULL, value, names, is_plan ? 4 : 3, members) &&
	       take_text(decoder, &id_place, members[2], is_plan ? 1 : 0, 127, &request->id) &&
	       (!is_plan || take_steps(decoder, members[3], request));
}

bool request_parse(const char *line, size_t length, struct request *request, char reason[1024])
{
	struct json_fault fault = { 0 };

	*request = (struct request){ 0 };
	struct decoder decoder = { .arena = &request->arena, .reason = reason };
	struct json *value = json_parse(&request->arena, line, length, &fault);
	bool good;
	if (value)
		good = take_request(&decoder, value, request);
	else
		good = refuse(&decoder, NULL, "byte %zu: %s", fault.offset, fault.reason);
	if (!good)
		request_free(request);
	return good;
}

void request_free(struct request *request)
{
	arena_free(&request->arena);
	*request = (struct request){ 0 };
}
