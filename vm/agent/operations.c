#include "operations.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuse.h"
#include "pressure.h"

bool failed(struct outcome *outcome, const char *call)
{
	outcome->error = errno;
	snprintf(outcome->call, sizeof outcome->call, "%s", call);
	return false;
}

/* Exactly one mount(2), whatever it returns: mount(8) would retry and thereby hide what the kernel said. */
static bool mount_operation(const struct operation *operation, struct outcome *outcome)
{
	const char *data = *operation->data ? operation->data : NULL;

	return mount(operation->source, operation->target, operation->fstype, operation->flags, data) == 0 || failed(outcome, "mount");
}

static bool umount_operation(const struct operation *operation, struct outcome *outcome)
{
	return umount2(operation->target, operation->lazy ? MNT_DETACH : 0) == 0 || failed(outcome, "umount2");
}

bool make_directories(const char *path, unsigned mode, struct outcome *outcome)
{
	char part[4096];
	size_t length = strlen(path);
	struct stat status;

	memcpy(part, path, length + 1);
	while (length > 1 && part[length - 1] == '/')
		part[--length] = '\0';
	for (size_t end = 1; end <= length; end++) {
		if (part[end] != '/' && part[end] != '\0')
			continue;
		bool is_last = end == length;
		part[end] = '\0';
		if (mkdir(part, is_last ? mode : 0755) == 0)
			created(part);
		else if (errno != EEXIST)
			return failed(outcome, "mkdir");
		if (!is_last)
			part[end] = '/';
	}
	if (stat(path, &status) != 0)
		return failed(outcome, "stat");
	if (!S_ISDIR(status.st_mode)) {
		errno = EEXIST;
		return failed(outcome, "mkdir");
	}
	return true;
}

static bool write_all(int fd, const char *bytes, size_t length, struct outcome *outcome)
{
	while (length) {
		ssize_t written = write(fd, bytes, length);
		if (written < 0)
			return failed(outcome, "write");
		bytes += written;
		length -= (size_t)written;
	}
	return true;
}

/* The errno of the first failure is kept; an error that only close(2) tells is told. */
static bool close_checked(int fd, bool good, struct outcome *outcome)
{
	return close(fd) == 0 ? good : good && failed(outcome, "close");
}

/* Opened for writing from its beginning, made if need be. */
static int open_new(const char *path, mode_t mode, struct outcome *outcome)
{
	struct stat status;
	bool existed = lstat(path, &status) == 0;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	if (fd < 0)
		failed(outcome, "open");
	else if (!existed)
		created(path);
	return fd;
}

static bool write_text_operation(const struct operation *operation, struct outcome *outcome)
{
	int fd = open_new(operation->path, 0644, outcome);

	return fd >= 0 && close_checked(fd, write_all(fd, operation->content.bytes, operation->content.length, outcome), outcome);
}

static bool open_write_operation(const struct operation *operation, struct outcome *outcome)
{
	int fd = open(operation->path, O_WRONLY | O_APPEND | O_CLOEXEC);

	if (fd < 0)
		return failed(outcome, "open");
	return close_checked(fd, write_all(fd, operation->content.bytes, operation->content.length, outcome), outcome);
}

static bool copy_bytes(int from, int to, struct outcome *outcome)
{
	static char buffer[128 * 1024];

	for (;;) {
		ssize_t length = read(from, buffer, sizeof buffer);
		if (length == 0)
			return true;
		if (length < 0)
			return failed(outcome, "read");
		if (!write_all(to, buffer, (size_t)length, outcome))
			return false;
	}
}

static bool copy_file_operation(const struct operation *operation, struct outcome *outcome)
{
	struct stat status;
	int from = open(operation->path, O_RDONLY | O_CLOEXEC);

	if (from < 0)
		return failed(outcome, "open");
	bool good = fstat(from, &status) == 0 || failed(outcome, "fstat");
	if (good) {
		int to = open_new(operation->to, status.st_mode & 07777, outcome);
		good = to >= 0 && close_checked(to, copy_bytes(from, to, outcome), outcome);
	}
	close(from);
	return good;
}

static bool write_to(const char *path, const char *bytes, size_t length, struct outcome *outcome)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return failed(outcome, "open");
	return close_checked(fd, write_all(fd, bytes, length, outcome), outcome);
}

static bool mkdir_operation(const struct operation *operation, struct outcome *outcome)
{
	for (size_t i = 0; i < operation->path_count; i++)
		if (!make_directories(operation->paths[i], (unsigned)operation->mode, outcome))
			return false;
	return true;
}

/* In one write(2), as the kernel's parsers want it. */
static bool sysctl_operation(const struct operation *operation, struct outcome *outcome)
{
	char path[300], line[4100];

	snprintf(path, sizeof path, "/proc/sys/%s", operation->name);
	int length = snprintf(line, sizeof line, "%s\n", operation->value);
	return write_to(path, line, (size_t)length, outcome);
}

static bool drop_caches_operation(struct outcome *outcome)
{
	sync();
	return write_to("/proc/sys/vm/drop_caches", "3", 1, outcome);
}

static bool dispatch(const struct operation *operation, struct outcome *outcome)
{
	switch (operation->kind) {
	case OP_MOUNT:
		return mount_operation(operation, outcome);
	case OP_FSMOUNT:
		return fsmount_operation(operation, outcome);
	case OP_UMOUNT:
		return umount_operation(operation, outcome);
	case OP_RECONFIGURE:
		return reconfigure_operation(operation, outcome);
	case OP_BIND:
		return bind_operation(operation, outcome);
	case OP_MOUNT_BY:
		return mount_by_operation(operation, outcome);
	case OP_CASEFOLD:
		return casefold_operation(operation, outcome);
	case OP_LOOK:
		return look_operation(operation, outcome);
	case OP_LOSE_WRITES:
		return lose_writes_operation(operation, outcome);
	case OP_LOOP:
		return loop_operation(operation, outcome);
	case OP_LOOP_DETACH:
		return loop_detach_operation(operation, outcome);
	case OP_MKDIR:
		return mkdir_operation(operation, outcome);
	case OP_WRITE_TEXT:
		return write_text_operation(operation, outcome);
	case OP_COPY_FILE:
		return copy_file_operation(operation, outcome);
	case OP_READ:
		return read_operation(operation, outcome);
	case OP_READ_BY:
		return read_by_operation(operation, outcome);
	case OP_OPEN_WRITE:
		return open_write_operation(operation, outcome);
	case OP_TREE:
		return tree_operation(operation, outcome);
	case OP_CHANGE:
		return change_operation(operation, outcome);
	case OP_CGROUP:
		return cgroup_operation(operation, outcome);
	case OP_COUNTERS:
		return counters_operation(operation, outcome);
	case OP_HOG:
		return hog_operation(operation, outcome);
	case OP_SWAP:
		return swap_operation(operation, outcome);
	case OP_VERITY:
		return verity_operation(operation, outcome);
	case OP_FUSE:
		return fuse_operation(operation, outcome);
	case OP_FUSE_BACKING:
		return fuse_backing_operation(operation, outcome);
	case OP_ECRYPTFS_KEY:
		return ecryptfs_key_operation(operation, outcome);
	case OP_FSVERITY:
		return fsverity_operation(operation, outcome);
	case OP_SYSCTL:
		return sysctl_operation(operation, outcome);
	case OP_DROP_CACHES:
		return drop_caches_operation(outcome);
	case OP_SYSRQ:
		return write_to("/proc/sysrq-trigger", &operation->key, 1, outcome);
	case OP_EXERCISE:
		return exercise_operation(operation, outcome);
	case OP_SHELL:
		return shell_operation(operation, outcome);
	case OP_MISBEHAVE:
		break;
	}
	abort();
}

void perform(const struct operation *operation, struct outcome *outcome)
{
	outcome->ok = dispatch(operation, outcome);
}
