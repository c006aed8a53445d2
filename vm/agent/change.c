/* Changes of a tree: one system call of interest each, whose errno and name come back. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "operations.h"
#include "page-fault.h"

#define NS_PER_SECOND 1000000000LL

/* Without O_NONBLOCK a fifo without another end would hold the worker. It changes nothing for files and directories. */
static int open_for(const struct operation *operation, int flags, struct outcome *outcome)
{
	int fd = open(operation->path, flags | O_NONBLOCK | O_CLOEXEC, (mode_t)operation->mode);

	if (fd < 0)
		failed(outcome, "open");
	return fd;
}

/* The first failure is the one that is told. */
static bool close_after(int fd, bool good, struct outcome *outcome)
{
	return close(fd) == 0 ? good : good && failed(outcome, "close");
}

static bool all_written(ssize_t written, const struct string *text, const char *call, struct outcome *outcome)
{
	if (written < 0)
		return failed(outcome, call);
	errno = EIO;
	return (size_t)written == text->length || failed(outcome, "write (short)");
}

static bool create(const struct operation *operation, struct outcome *outcome)
{
	int fd = open_for(operation, O_WRONLY | O_CREAT | O_EXCL, outcome);

	if (fd < 0)
		return false;
	created(operation->path);
	/* A write of nothing is a system call more. */
	bool good = operation->content.length == 0 || all_written(write(fd, operation->content.bytes, operation->content.length),
								  &operation->content, "write", outcome);
	return close_after(fd, good, outcome);
}

static bool open_write(const struct operation *operation, struct outcome *outcome)
{
	int fd = open_for(operation, O_WRONLY, outcome);

	return fd >= 0 && close_after(fd, true, outcome);
}

static bool write_at(const struct operation *operation, struct outcome *outcome)
{
	int fd = open_for(operation, O_WRONLY, outcome);

	return fd >= 0 && close_after(fd,
				      all_written(pwrite(fd, operation->content.bytes, operation->content.length, operation->offset),
						  &operation->content, "pwrite", outcome),
				      outcome);
}

static bool append(const struct operation *operation, struct outcome *outcome)
{
	int fd = open_for(operation, O_WRONLY | O_APPEND, outcome);

	return fd >= 0 && close_after(fd,
				      all_written(write(fd, operation->content.bytes, operation->content.length), &operation->content,
						  "write", outcome),
				      outcome);
}

struct copy {
	char *to;
	const struct string *text;
};

static void copy_text(void *context)
{
	const struct copy *copy = context;

	memcpy(copy->to, copy->text->bytes, copy->text->length);
}

static bool copy_into(char *to, const struct string *text, struct outcome *outcome)
{
	struct copy copy = { to, text };
	bool good = reached_all_pages(copy_text, &copy);

	errno = EIO;
	return good || failed(outcome, "page fault");
}

static bool mmap_write(const struct operation *operation, struct outcome *outcome)
{
	off_t start = operation->offset & ~((off_t)sysconf(_SC_PAGESIZE) - 1);
	size_t before = (size_t)(operation->offset - start), length = before + operation->content.length;
	int fd = open_for(operation, O_RDWR, outcome);

	if (fd < 0)
		return false;
	char *map = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, start);
	if (map == MAP_FAILED)
		return close_after(fd, failed(outcome, "mmap"), outcome);
	bool good = copy_into(map + before, &operation->content, outcome);
	munmap(map, length);
	return close_after(fd, good, outcome);
}

static bool allocate_range(const struct operation *operation, struct outcome *outcome)
{
	int fd = open_for(operation, O_WRONLY, outcome);

	if (fd < 0)
		return false;
	bool good = fallocate(fd, (int)operation->flags, operation->offset, operation->length) == 0 || failed(outcome, "fallocate");
	return close_after(fd, good, outcome);
}

static bool synchronise(const struct operation *operation, struct outcome *outcome)
{
	int fd = open_for(operation, O_RDONLY, outcome);

	return fd >= 0 && close_after(fd, fsync(fd) == 0 || failed(outcome, "fsync"), outcome);
}

static bool set_mtime(const struct operation *operation, struct outcome *outcome)
{
	int64_t seconds = operation->nanoseconds / NS_PER_SECOND, rest = operation->nanoseconds % NS_PER_SECOND;

	if (rest < 0) {
		rest += NS_PER_SECOND;
		seconds--;
	}
	const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = seconds, .tv_nsec = rest } };
	return utimensat(AT_FDCWD, operation->path, times, AT_SYMLINK_NOFOLLOW) == 0 || failed(outcome, "utimensat");
}

/* Of a call that makes something at `path`. */
static bool made(int result, const char *call, const char *path, struct outcome *outcome)
{
	if (result != 0)
		return failed(outcome, call);
	created(path);
	return true;
}

static bool make_node(const struct operation *operation, struct outcome *outcome)
{
	mode_t mode = (mode_t)operation->flags | (mode_t)operation->mode;
	dev_t device = makedev((unsigned)operation->major, (unsigned)operation->minor);

	return made(mknod(operation->path, mode, device), "mknod", operation->path, outcome);
}

static bool rename_to(const struct operation *operation, struct outcome *outcome)
{
	int result = renameat2(AT_FDCWD, operation->path, AT_FDCWD, operation->to, (unsigned)operation->flags);

	return made(result, "renameat2", operation->to, outcome);
}

/* The source first: where it cannot be opened, nothing is made. */
static bool copy_range(const struct operation *operation, struct outcome *outcome)
{
	int from = open_for(operation, O_RDONLY, outcome), to;
	ssize_t length;

	if (from < 0)
		return false;
	to = open(operation->to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (!made(to < 0 ? -1 : 0, "open", operation->to, outcome))
		return close_after(from, false, outcome);
	while ((length = copy_file_range(from, NULL, to, NULL, 65536, 0)) > 0)
		;
	bool good = length == 0 || failed(outcome, "copy_file_range");
	good = close_after(to, good, outcome);
	return close_after(from, good, outcome);
}

bool change_operation(const struct operation *operation, struct outcome *outcome)
{
	const char *path = operation->path;
	mode_t mode = (mode_t)operation->mode;

	switch (operation->change) {
	case CHANGE_CREATE:
		return create(operation, outcome);
	case CHANGE_OPEN_WRITE:
		return open_write(operation, outcome);
	case CHANGE_WRITE:
		return write_at(operation, outcome);
	case CHANGE_APPEND:
		return append(operation, outcome);
	case CHANGE_MMAP_WRITE:
		return mmap_write(operation, outcome);
	case CHANGE_TRUNCATE:
		return truncate(path, operation->length) == 0 || failed(outcome, "truncate");
	case CHANGE_FALLOCATE:
		return allocate_range(operation, outcome);
	case CHANGE_FSYNC:
		return synchronise(operation, outcome);
	case CHANGE_MKDIR:
		return made(mkdir(path, mode), "mkdir", path, outcome);
	case CHANGE_RMDIR:
		return rmdir(path) == 0 || failed(outcome, "rmdir");
	case CHANGE_UNLINK:
		return unlink(path) == 0 || failed(outcome, "unlink");
	case CHANGE_SYMLINK:
		return made(symlink(operation->target, path), "symlink", path, outcome);
	case CHANGE_MKNOD:
		return make_node(operation, outcome);
	case CHANGE_LINK:
		return made(link(path, operation->to), "link", operation->to, outcome);
	case CHANGE_RENAME:
		return rename_to(operation, outcome);
	case CHANGE_COPY_FILE_RANGE:
		return copy_range(operation, outcome);
	case CHANGE_CHMOD:
		return chmod(path, mode) == 0 || failed(outcome, "chmod");
	case CHANGE_CHOWN:
		return lchown(path, (uid_t)operation->uid, (gid_t)operation->gid) == 0 || failed(outcome, "lchown");
	case CHANGE_UTIMENSAT:
		return set_mtime(operation, outcome);
	case CHANGE_SETXATTR:
		return lsetxattr(path, operation->name, operation->content.bytes, operation->content.length, 0) == 0 ||
		       failed(outcome, "lsetxattr");
	case CHANGE_REMOVEXATTR:
		return lremovexattr(path, operation->name) == 0 || failed(outcome, "lremovexattr");
	case CHANGE_COUNT:
		break;
	}
	abort();
}
