/* Exercises that only read one thing. */
#include "exercise.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static enum turn open_with(struct exercise *exercise, int flags)
{
	exercise->fd = open(exercise->operation->path, O_RDONLY | O_CLOEXEC | flags);
	if (exercise->fd < 0)
		return exercise_failed(exercise, "open");
	return fstat(exercise->fd, &exercise->status) == 0 ? TURN_DONE : exercise_failed(exercise, "fstat");
}

static enum turn open_file(struct exercise *exercise)
{
	return open_with(exercise, 0);
}

static enum turn open_direct(struct exercise *exercise)
{
	return open_with(exercise, O_DIRECT);
}

static enum turn open_directory(struct exercise *exercise)
{
	return open_with(exercise, O_DIRECTORY);
}

static enum turn open_with_sink(struct exercise *exercise)
{
	if (pipe2(exercise->pipe, O_CLOEXEC) != 0)
		return exercise_failed(exercise, "pipe");
	exercise->sink = open("/dev/null", O_WRONLY | O_CLOEXEC);
	return exercise->sink < 0 ? exercise_failed(exercise, "open(/dev/null)") : open_with(exercise, 0);
}

static enum turn open_both(struct exercise *exercise)
{
	exercise->sink = open(exercise->operation->to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	return exercise->sink < 0 ? exercise_failed(exercise, "open") : open_with(exercise, 0);
}

static enum turn open_and_map(struct exercise *exercise)
{
	if (open_with(exercise, 0) != TURN_DONE)
		return TURN_FAILED;
	exercise->map = mmap(NULL, (size_t)exercise->status.st_size, PROT_READ, MAP_SHARED, exercise->fd, 0);
	return exercise->map == MAP_FAILED ? exercise_failed(exercise, "mmap") : TURN_DONE;
}

static enum turn look_up(struct exercise *exercise)
{
	return lstat(exercise->operation->path, &exercise->status) == 0 ? TURN_DONE : exercise_failed(exercise, "lstat");
}

static enum turn run_read(struct exercise *exercise)
{
	ssize_t length;

	lseek(exercise->fd, 0, SEEK_SET);
	while ((length = read(exercise->fd, exercise->buffer, PIECE)) > 0)
		;
	return length == 0 ? TURN_DONE : exercise_failed(exercise, "read");
}

static enum turn run_pread(struct exercise *exercise)
{
	ssize_t length;

	for (off_t at = 0; (length = pread(exercise->fd, exercise->buffer, PIECE, at)) > 0; at += length)
		;
	return length == 0 ? TURN_DONE : exercise_failed(exercise, "pread");
}

static enum turn run_readv(struct exercise *exercise)
{
	struct iovec parts[4];
	ssize_t length;

	for (size_t i = 0; i < 4; i++)
		parts[i] = (struct iovec){ exercise->buffer + i * (PIECE / 4), PIECE / 4 };
	lseek(exercise->fd, 0, SEEK_SET);
	while ((length = readv(exercise->fd, parts, 4)) > 0)
		;
	return length == 0 ? TURN_DONE : exercise_failed(exercise, "readv");
}

static enum turn run_mmap(struct exercise *exercise)
{
	size_t size = (size_t)exercise->status.st_size;

	pages_missed = 0;
	madvise(exercise->map, size, MADV_DONTNEED); /* or the second time would fault in nothing */
	for (size_t at = 0; at < size; at += PAGE)
		(void)((volatile char *)exercise->map)[at];
	errno = EIO;
	return pages_missed ? exercise_failed(exercise, "page fault") : TURN_DONE;
}

static enum turn run_sendfile(struct exercise *exercise)
{
	ssize_t length;

	for (off_t at = 0; (length = sendfile(exercise->sink, exercise->fd, &at, PIECE)) > 0;)
		;
	return length == 0 ? TURN_DONE : exercise_failed(exercise, "sendfile");
}

static enum turn run_splice(struct exercise *exercise)
{
	ssize_t length;

	for (loff_t at = 0; (length = splice(exercise->fd, &at, exercise->pipe[1], NULL, PIECE, 0)) > 0;)
		for (ssize_t part; length > 0; length -= part) {
			part = splice(exercise->pipe[0], NULL, exercise->sink, NULL, (size_t)length, 0);
			if (part <= 0)
				return exercise_failed(exercise, "splice(/dev/null)");
		}
	return length == 0 ? TURN_DONE : exercise_failed(exercise, "splice");
}

static enum turn run_copy_file_range(struct exercise *exercise)
{
	ssize_t length;

	for (loff_t from = 0, to = 0; (length = copy_file_range(exercise->fd, &from, exercise->sink, &to, PIECE, 0)) > 0;)
		;
	return length == 0 ? TURN_DONE : exercise_failed(exercise, "copy_file_range");
}

static enum turn run_direct(struct exercise *exercise)
{
	/* Not up to the 0 at the end: an end that is not aligned cannot be asked for. */
	for (off_t at = 0; at < exercise->status.st_size;) {
		ssize_t length = pread(exercise->fd, exercise->buffer, PIECE, at);
		if (length < 0)
			return exercise_failed(exercise, "pread");
		if (length == 0)
			break;
		at += length;
	}
	return TURN_DONE;
}

static enum turn run_readahead(struct exercise *exercise)
{
	if (readahead(exercise->fd, 0, (size_t)exercise->status.st_size) != 0)
		return exercise_failed(exercise, "readahead");
	for (off_t at = 0; at < exercise->status.st_size; at += PAGE)
		if (pread(exercise->fd, exercise->buffer, 1, at) < 0)
			return exercise_failed(exercise, "pread");
	return TURN_DONE;
}

static enum turn run_getdents(struct exercise *exercise)
{
	ssize_t length;

	lseek(exercise->fd, 0, SEEK_SET);
	while ((length = getdents64(exercise->fd, exercise->buffer, PIECE)) > 0)
		;
	return length == 0 ? TURN_DONE : exercise_failed(exercise, "getdents64");
}

static enum turn run_readlink(struct exercise *exercise)
{
	return readlink(exercise->operation->path, exercise->buffer, PIECE) >= 0 ? TURN_DONE : exercise_failed(exercise, "readlink");
}

static enum turn run_getxattr(struct exercise *exercise)
{
	ssize_t length = llistxattr(exercise->operation->path, exercise->buffer, PIECE);

	if (length < 0)
		return exercise_failed(exercise, "llistxattr");
	for (const char *name = exercise->buffer; name < exercise->buffer + length; name += strlen(name) + 1)
		if (lgetxattr(exercise->operation->path, name, exercise->buffer + PIECE, PIECE) < 0)
			return exercise_failed(exercise, "lgetxattr");
	return TURN_DONE;
}

/* posix_spawn(3) is vfork and execve without copying an address space. */
static enum turn run_exec(struct exercise *exercise)
{
	char *arguments[] = { (char *)exercise->operation->path, NULL }, *environment[] = { NULL };
	posix_spawn_file_actions_t actions;
	pid_t child;
	int status;

	/* Standard output may be the protocol's. */
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, exercise->sink, 0);
	posix_spawn_file_actions_adddup2(&actions, exercise->sink, 1);
	posix_spawn_file_actions_adddup2(&actions, exercise->sink, 2);
	errno = posix_spawn(&child, exercise->operation->path, &actions, NULL, arguments, environment);
	posix_spawn_file_actions_destroy(&actions);
	if (errno)
		return exercise_failed(exercise, "execve");
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	errno = EIO;
	return WIFEXITED(status) ? TURN_DONE : exercise_failed(exercise, "exec (killed)");
}

static enum turn prepare_exec(struct exercise *exercise)
{
	exercise->sink = open("/dev/null", O_RDWR | O_CLOEXEC);
	return exercise->sink < 0 ? exercise_failed(exercise, "open(/dev/null)") : look_up(exercise);
}

static const struct manner manners[WAY_COUNT] = {
	[WAY_READ] = { open_file, run_read },
	[WAY_PREAD] = { open_file, run_pread },
	[WAY_READV] = { open_file, run_readv },
	[WAY_MMAP] = { open_and_map, run_mmap },
	[WAY_SENDFILE] = { open_with_sink, run_sendfile },
	[WAY_SPLICE] = { open_with_sink, run_splice },
	[WAY_COPY_FILE_RANGE] = { open_both, run_copy_file_range },
	[WAY_DIRECT] = { open_direct, run_direct },
	[WAY_READAHEAD] = { open_file, run_readahead },
	[WAY_GETDENTS] = { open_directory, run_getdents },
	[WAY_READLINK] = { look_up, run_readlink },
	[WAY_GETXATTR] = { look_up, run_getxattr },
	[WAY_EXEC] = { prepare_exec, run_exec },
};

const struct manner *reading(enum way way)
{
	return manners[way].run ? &manners[way] : NULL;
}
