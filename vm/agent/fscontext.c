/* The new mount API by raw system calls: fsopen, fsconfig…, fsmount, move_mount, and the context's own log. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fscontext.h"

/* Of linux/mount.h, which cannot be included beside sys/mount.h of every libc. Numbers are the same everywhere. */
enum { SYSCALL_MOVE_MOUNT = 429, SYSCALL_FSOPEN = 430, SYSCALL_FSCONFIG = 431, SYSCALL_FSMOUNT = 432, SYSCALL_FSPICK = 433 };
enum { CONFIG_SET_FLAG = 0, CONFIG_SET_STRING = 1, CONFIG_SET_FD = 5, CONFIG_CREATE = 6, CONFIG_RECONFIGURE = 7 };
#define CLOEXEC_FLAG 1u
#define ATTRIBUTE_RDONLY 1u
#define MOVE_FROM_EMPTY_PATH 4u

/* Each read(2) of the context gives one message, `e overlay: …`, and ENODATA when there is none. */
static void read_log(int context, struct text *log)
{
	char message[8192];

	for (;;) {
		ssize_t length = read(context, message, sizeof message);
		if (length < 0)
			return;
		while (length > 0 && message[length - 1] == '\n')
			length--;
		if (log->length)
			text_put(log, ",");
		json_put_string(log, message, (size_t)length);
	}
}

static bool config(int context, unsigned command, const char *key, const void *value, int aux, const char *call,
		   struct text *log, struct outcome *outcome)
{
	long result = syscall(SYSCALL_FSCONFIG, context, command, key, value, aux);
	bool good = result == 0 || failed(outcome, call);

	read_log(context, log);
	return good;
}

static bool set_parameter(int context, const struct parameter *parameter, struct text *log, struct outcome *outcome)
{
	char call[300];

	snprintf(call, sizeof call, "fsconfig(%s)", parameter->key);
	if (parameter->kind == PARAMETER_FLAG)
		return config(context, CONFIG_SET_FLAG, parameter->key, NULL, 0, call, log, outcome);
	if (parameter->kind == PARAMETER_STRING)
		return config(context, CONFIG_SET_STRING, parameter->key, parameter->value, 0, call, log, outcome);
	int fd = open(parameter->value, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return failed(outcome, "open");
	bool good = config(context, CONFIG_SET_FD, parameter->key, NULL, fd, call, log, outcome);
	close(fd);
	return good;
}

static bool attach(int context, const struct operation *operation, struct text *log, struct outcome *outcome)
{
	unsigned attributes = operation->rdonly ? ATTRIBUTE_RDONLY : 0;
	int mount = (int)syscall(SYSCALL_FSMOUNT, context, CLOEXEC_FLAG, attributes);
	bool good = mount >= 0 || failed(outcome, "fsmount");

	read_log(context, log);
	if (!good)
		return false;
	good = syscall(SYSCALL_MOVE_MOUNT, mount, "", AT_FDCWD, operation->target, MOVE_FROM_EMPTY_PATH) == 0 ||
	       failed(outcome, "move_mount");
	close(mount);
	return good;
}

static bool set_parameters(int context, const struct operation *operation, struct text *log, struct outcome *outcome)
{
	for (size_t i = 0; i < operation->parameter_count; i++)
		if (!set_parameter(context, &operation->parameters[i], log, outcome))
			return false;
	return true;
}

/* `ro` on the context and MOUNT_ATTR_RDONLY on the mount together are what MS_RDONLY of mount(2) means. */
int context_open(const struct operation *operation, struct text *log, struct outcome *outcome)
{
	int context = (int)syscall(SYSCALL_FSOPEN, operation->fstype, CLOEXEC_FLAG);

	if (context < 0) {
		failed(outcome, "fsopen");
		return -1;
	}
	read_log(context, log);
	bool good = !operation->rdonly || config(context, CONFIG_SET_FLAG, "ro", NULL, 0, "fsconfig(ro)", log, outcome);
	if (good && set_parameters(context, operation, log, outcome))
		return context;
	close(context);
	return -1;
}

bool context_mount(int context, const struct operation *operation, struct text *log, struct outcome *outcome)
{
	bool good = config(context, CONFIG_CREATE, NULL, NULL, 0, "fsconfig(create)", log, outcome) &&
		    attach(context, operation, log, outcome);

	close(context);
	return good;
}

void context_tell(struct text *log, struct outcome *outcome)
{
	text_put(&outcome->members, ",\"context\":[");
	text_add(&outcome->members, log->bytes, log->length);
	text_put(&outcome->members, "]");
}

bool fsmount_operation(const struct operation *operation, struct outcome *outcome)
{
	struct text log = { 0 };
	int context = context_open(operation, &log, outcome);
	bool good = context >= 0 && context_mount(context, operation, &log, outcome);

	context_tell(&log, outcome);
	text_free(&log);
	return good;
}

bool reconfigure_operation(const struct operation *operation, struct outcome *outcome)
{
	struct text log = { 0 };
	int context = (int)syscall(SYSCALL_FSPICK, AT_FDCWD, operation->target, CLOEXEC_FLAG);

	if (context < 0)
		return failed(outcome, "fspick");
	read_log(context, &log);
	bool good = set_parameters(context, operation, &log, outcome) &&
		    config(context, CONFIG_RECONFIGURE, NULL, NULL, 0, "fsconfig(reconfigure)", &log, outcome);
	close(context);
	context_tell(&log, outcome);
	text_free(&log);
	return good;
}
