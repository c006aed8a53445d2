#include "xattrs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

#define LARGEST 65536 /* XATTR_LIST_MAX and XATTR_SIZE_MAX */

static void put_hex(struct text *out, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		text_format(out, "%02x", (unsigned char)bytes[i]);
}

const char *put_xattrs(struct text *out, int directory, const char *name)
{
	static char names[LARGEST], value[LARGEST];
	char path[NAME_MAX + 64];
	const char *fault = NULL, *separator = "";
	int error = 0;

	/* There is no llistxattrat(2) before 6.13. */
	if (directory != AT_FDCWD) {
		snprintf(path, sizeof path, "/proc/self/fd/%d/%s", directory, name);
		name = path;
	}
	text_put(out, ",\"xattrs\":{");
	ssize_t length = llistxattr(name, names, sizeof names);
	if (length < 0 && errno != EOPNOTSUPP) {
		error = errno;
		fault = "llistxattr";
	}
	for (const char *at = names; length > 0 && at < names + length; at += strlen(at) + 1) {
		ssize_t size = lgetxattr(name, at, value, sizeof value);
		if (size < 0) {
			error = errno;
			fault = "lgetxattr";
			continue;
		}
		text_put(out, separator);
		json_put_string(out, at, strlen(at));
		text_put(out, ":\"");
		put_hex(out, value, (size_t)size);
		text_put(out, "\"");
		separator = ",";
	}
	text_put(out, "}");
	errno = error;
	return fault;
}
