/* The tables that say what fields an object of the protocol has: those of operations are in plan.c. */
#ifndef FATHOM_SHAPE_H
#define FATHOM_SHAPE_H

#include <stddef.h>

#include "plan.h"

#define PATH_BYTES 4095 /* PATH_MAX without its NUL */
#define COUNT(array) (sizeof(array) / sizeof *(array))

enum field_type {
	FIELD_PATH,
	FIELD_PATH_OR_NONE, /* empty for none */
	FIELD_PATHS, /* at least one, at most `limit` */
	FIELD_STRING, /* no NUL, at most `limit` units and bytes */
	FIELD_TEXT,   /* any, at most `limit` units */
	FIELD_BOOLEAN,
	FIELD_MODE,
	FIELD_COUNT, /* from 1 to `limit` */
	FIELD_LOOP_NAME,
	FIELD_LOOP_NAME_OR_NONE, /* empty for none */
	FIELD_WAY,
	FIELD_CONTENTS_WAY, /* one of reading that gives the bytes of a file */
	FIELD_SYSCTL,
	FIELD_HEX, /* lower case, may be empty, at most `limit` */
	FIELD_HOLDING,
	FIELD_LETTER,
	FIELD_MOUNT_FLAGS,
	FIELD_PARAMETERS,
	FIELD_MISBEHAVIOUR,
	FIELD_BYTES, /* hexadecimal, two digits a byte, at most `limit` bytes */
	FIELD_NANOSECONDS, /* in decimal */
	FIELD_RENAME_FLAGS,
	FIELD_FALLOCATE,
	FIELD_NODE_TYPE,
	FIELD_CHANGE,
	FIELD_MOUNTER,
	FIELD_MOUNT_API,
};

struct field {
	const char *name;
	enum field_type type;
	size_t offset; /* in struct operation */
	size_t limit;
};

#define AT(member) offsetof(struct operation, member)
#define MAX_FIELDS 9

struct shape {
	const char *name;
	int kind; /* enum operation_kind or enum change */
	struct field fields[MAX_FIELDS];
};

struct flag {
	const char *name;
	unsigned long flag;
};

#define FALLOCATE_MODE_COUNT 4
#define RENAME_FLAG_COUNT 3
#define NODE_TYPE_COUNT 4

/* Of the operation `change`, in change-shapes.c. */
extern const struct shape change_shapes[CHANGE_COUNT];
extern const struct flag fallocate_modes[FALLOCATE_MODE_COUNT];
extern const struct flag rename_flags[RENAME_FLAG_COUNT];
extern const struct flag node_types[NODE_TYPE_COUNT];

#endif
