/* The fields of the operation `change`, as in change.ts. */
#include <fcntl.h>
#include <linux/falloc.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

#include "shape.h"

#define TEXT_LIMIT 65536
#define XATTR_NAME_LIMIT 255
#define XATTR_VALUE_LIMIT 65536
#define SAFE_INTEGER ((1LL << 53) - 1)

#define PATH { "path", FIELD_PATH, AT(path), 0 }
#define TO { "to", FIELD_PATH, AT(to), 0 }
#define PERMISSIONS { "mode", FIELD_MODE, AT(mode), 07777 }
#define OFFSET { "offset", FIELD_MODE, AT(offset), SAFE_INTEGER }
#define TEXT { "text", FIELD_TEXT, AT(content), TEXT_LIMIT }
#define XATTR_NAME { "name", FIELD_STRING, AT(name), XATTR_NAME_LIMIT }

const struct shape change_shapes[CHANGE_COUNT] = {
	{ "create", CHANGE_CREATE, { PATH, PERMISSIONS, TEXT } },
	{ "open-write", CHANGE_OPEN_WRITE, { PATH } },
	{ "write", CHANGE_WRITE, { PATH, OFFSET, TEXT } },
	{ "append", CHANGE_APPEND, { PATH, TEXT } },
	{ "mmap-write", CHANGE_MMAP_WRITE, { PATH, OFFSET, TEXT } },
	{ "truncate", CHANGE_TRUNCATE, { PATH, { "sizeBytes", FIELD_MODE, AT(length), SAFE_INTEGER } } },
	{ "fallocate",
	  CHANGE_FALLOCATE,
	  { PATH,
	    { "mode", FIELD_FALLOCATE, AT(flags), 0 },
	    OFFSET,
	    { "length", FIELD_MODE, AT(length), SAFE_INTEGER } } },
	{ "fsync", CHANGE_FSYNC, { PATH } },
	{ "mkdir", CHANGE_MKDIR, { PATH, PERMISSIONS } },
	{ "rmdir", CHANGE_RMDIR, { PATH } },
	{ "unlink", CHANGE_UNLINK, { PATH } },
	{ "symlink", CHANGE_SYMLINK, { PATH, { "target", FIELD_STRING, AT(target), PATH_BYTES } } },
	{ "mknod",
	  CHANGE_MKNOD,
	  { PATH,
	    { "type", FIELD_NODE_TYPE, AT(flags), 0 },
	    PERMISSIONS,
	    { "major", FIELD_MODE, AT(major), 0xfff },
	    { "minor", FIELD_MODE, AT(minor), 0xfffff } } },
	{ "link", CHANGE_LINK, { PATH, TO } },
	{ "rename", CHANGE_RENAME, { PATH, TO, { "flags", FIELD_RENAME_FLAGS, AT(flags), 0 } } },
	{ "copy-file-range", CHANGE_COPY_FILE_RANGE, { PATH, TO } },
	{ "chmod", CHANGE_CHMOD, { PATH, PERMISSIONS } },
	{ "chown",
	  CHANGE_CHOWN,
	  { PATH, { "uid", FIELD_MODE, AT(uid), UINT32_MAX }, { "gid", FIELD_MODE, AT(gid), UINT32_MAX } } },
	{ "utimensat", CHANGE_UTIMENSAT, { PATH, { "mtimeNs", FIELD_NANOSECONDS, AT(nanoseconds), 0 } } },
	{ "setxattr", CHANGE_SETXATTR, { PATH, XATTR_NAME, { "value", FIELD_BYTES, AT(content), XATTR_VALUE_LIMIT } } },
	{ "removexattr", CHANGE_REMOVEXATTR, { PATH, XATTR_NAME } },
};

const struct flag fallocate_modes[FALLOCATE_MODE_COUNT] = {
	{ "allocate", 0 },
	{ "keep-size", FALLOC_FL_KEEP_SIZE },
	{ "punch-hole", FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE },
	{ "zero-range", FALLOC_FL_ZERO_RANGE },
};

const struct flag rename_flags[RENAME_FLAG_COUNT] = {
	{ "noreplace", RENAME_NOREPLACE },
	{ "exchange", RENAME_EXCHANGE },
	{ "whiteout", RENAME_WHITEOUT },
};

const struct flag node_types[NODE_TYPE_COUNT] = {
	{ "character", S_IFCHR },
	{ "block", S_IFBLK },
	{ "fifo", S_IFIFO },
	{ "socket", S_IFSOCK },
};
