/* What the host may ask, as parsed from one line: all of protocol.ts that goes from host to agent. */
#ifndef FATHOM_PLAN_H
#define FATHOM_PLAN_H

#include "json.h"

#define PROTOCOL_VERSION 1
#define MAX_LINE_BYTES (1024 * 1024)
#define MAX_STEPS 4096
#define MAX_EXERCISE_COUNT 1000000
#define MAX_EXERCISE_PROCESSES 64
#define MAX_MEMORY_BYTES (1LL << 40)

enum operation_kind {
	OP_MOUNT,
	OP_FSMOUNT,
	OP_UMOUNT,
	OP_RECONFIGURE,
	OP_BIND,
	OP_MOUNT_BY,
	OP_CASEFOLD,
	OP_LOSE_WRITES,
	OP_LOOK,
	OP_LOOP,
	OP_LOOP_DETACH,
	OP_MKDIR,
	OP_WRITE_TEXT,
	OP_COPY_FILE,
	OP_READ,
	OP_READ_BY,
	OP_OPEN_WRITE,
	OP_TREE,
	OP_CHANGE,
	OP_CGROUP,
	OP_COUNTERS,
	OP_HOG,
	OP_SWAP,
	OP_VERITY,
	OP_FUSE,
	OP_FUSE_BACKING,
	OP_ECRYPTFS_KEY,
	OP_FSVERITY,
	OP_SYSCTL,
	OP_DROP_CACHES,
	OP_SYSRQ,
	OP_EXERCISE,
	OP_SHELL,
	OP_MISBEHAVE,
};

/* How a file or a tree is exercised; the names of the protocol are in plan.c. */
enum way {
	WAY_READ,
	WAY_PREAD,
	WAY_READV,
	WAY_MMAP,
	WAY_SENDFILE,
	WAY_SPLICE,
	WAY_COPY_FILE_RANGE,
	WAY_DIRECT,
	WAY_READAHEAD,
	WAY_GETDENTS,
	WAY_READLINK,
	WAY_GETXATTR,
	WAY_EXEC,
	WAY_OPEN_WRITE,
	WAY_TRUNCATE,
	WAY_CHMOD,
	WAY_CHOWN,
	WAY_UTIMENSAT,
	WAY_SETXATTR,
	WAY_LINK,
	WAY_RENAME,
	WAY_MMAP_WRITE,
	WAY_CHURN,
	WAY_ROSTRESS,
	WAY_COUNT,
};

/* How the operation `change` changes what is at `path`; the names of the protocol are in change-shapes.c. */
enum change {
	CHANGE_CREATE,
	CHANGE_OPEN_WRITE,
	CHANGE_WRITE,
	CHANGE_APPEND,
	CHANGE_MMAP_WRITE,
	CHANGE_TRUNCATE,
	CHANGE_FALLOCATE,
	CHANGE_FSYNC,
	CHANGE_MKDIR,
	CHANGE_RMDIR,
	CHANGE_UNLINK,
	CHANGE_SYMLINK,
	CHANGE_MKNOD,
	CHANGE_LINK,
	CHANGE_RENAME,
	CHANGE_COPY_FILE_RANGE,
	CHANGE_CHMOD,
	CHANGE_CHOWN,
	CHANGE_UTIMENSAT,
	CHANGE_SETXATTR,
	CHANGE_REMOVEXATTR,
	CHANGE_COUNT,
};

enum holding { HOLD_ANONYMOUS, HOLD_MLOCK, HOLD_TMPFS };

/* Who mounts: root of a user namespace, or the agent with the context that such a one has opened. */
enum mounter { BY_USER_NAMESPACE, BY_FOREIGN_CONTEXT };

enum mount_api { API_MOUNT, API_FSOPEN };

enum misbehaviour { MISBEHAVE_SPIN, MISBEHAVE_STOP, MISBEHAVE_GARBAGE, MISBEHAVE_EXIT, MISBEHAVE_DAEMON_KILL, MISBEHAVE_DAEMON_STOP, MISBEHAVE_DAEMON_SPIN };

struct parameter {
	enum { PARAMETER_FLAG, PARAMETER_STRING, PARAMETER_FD } kind;
	const char *key;
	const char *value; /* the string, or the path whose descriptor is passed */
};

/* Only the members that the kind has are set. */
struct operation {
	enum operation_kind kind;
	const char *source;
	const char *target;
	const char *fstype;
	const char *data;
	const char *name;
	const char *value;
	const char *path; /* also `file`, `from` and `over` */
	const char *to;
	struct string content; /* also an extended attribute's value */
	unsigned long flags; /* also of renameat2(2), fallocate(2), and the type that mknod(2) makes */
	struct parameter *parameters;
	size_t parameter_count;
	const char **paths;
	size_t path_count;
	int64_t mode;
	bool rdonly;
	bool lazy;
	bool unbindable;
	enum mounter by;
	enum mount_api api;
	bool direct_io;
	bool keep_name;
	bool passthrough;
	bool writeback_cache;
	int64_t max_stack_depth;
	char key;
	enum misbehaviour how;
	enum way way;
	int64_t seed;
	int64_t count;
	int64_t processes;
	const char *cgroup; /* empty for none */
	bool trace;
	enum holding holding;
	const char *hash;
	const char *algorithm;
	const char *salt;
	const char *root_hash;
	const char *signature;
	int64_t bytes; /* also `sizeBytes` */
	int64_t memory_max_bytes; /* 0: no limit */
	int64_t swap_max_bytes;
	int64_t data_blocks;
	int64_t hash_start_block;
	int64_t block_bytes;
	enum change change;
	int64_t offset;
	int64_t length;
	int64_t uid;
	int64_t gid;
	int64_t major;
	int64_t minor;
	int64_t nanoseconds;
	int64_t rows;
	int64_t columns;
	bool raw;
};

struct step {
	struct string id;
	size_t *needs; /* indices of earlier steps */
	size_t need_count;
	int64_t deadline_ms;
	struct operation operation;
};

struct request {
	enum { REQUEST_PING, REQUEST_PLAN } kind;
	struct string id;
	struct step *steps;
	size_t step_count;
	struct arena arena; /* owns everything above */
};

/* False, with the reason and its place in `reason`, unless the line is exactly one known request. */
bool request_parse(const char *line, size_t length, struct request *request, char reason[1024]);
void request_free(struct request *request);

#endif
