/* What the host may ask, as parsed from one line: all of protocol.ts that goes from host to agent. */
#ifndef FATHOM_PLAN_H
#define FATHOM_PLAN_H

#include "json.h"

#define PROTOCOL_VERSION 1
#define MAX_LINE_BYTES (1024 * 1024)
#define MAX_STEPS 4096

enum operation_kind {
	OP_MOUNT,
	OP_FSMOUNT,
	OP_UMOUNT,
	OP_LOOP,
	OP_LOOP_DETACH,
	OP_MKDIR,
	OP_WRITE_TEXT,
	OP_COPY_FILE,
	OP_READ,
	OP_OPEN_WRITE,
	OP_TREE,
	OP_SYSCTL,
	OP_DROP_CACHES,
	OP_SYSRQ,
	OP_MISBEHAVE,
};

enum misbehaviour { MISBEHAVE_SPIN, MISBEHAVE_STOP, MISBEHAVE_GARBAGE, MISBEHAVE_EXIT };

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
	const char *path; /* also `file` and `from` */
	const char *to;
	struct string content;
	unsigned long flags;
	struct parameter *parameters;
	size_t parameter_count;
	const char **paths;
	size_t path_count;
	int64_t mode;
	bool rdonly;
	bool lazy;
	bool direct_io;
	char key;
	enum misbehaviour how;
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
