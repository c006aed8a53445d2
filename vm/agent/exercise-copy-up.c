/* Exercises that change one thing, which an overlay copies up for it. */
#include "exercise.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/xattr.h>
#include <unistd.h>

static enum turn look_up(struct exercise *exercise)
{
	return lstat(exercise->operation->path, &exercise->status) == 0 ? TURN_DONE : exercise_failed(exercise, "lstat");
}

static enum turn done_if(struct exercise *exercise, int result, const char *call)
{
	return result == 0 ? TURN_DONE : exercise_failed(exercise, call);
}

static enum turn run_open_write(struct exercise *exercise)
{
	int fd = open(exercise->operation->path, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? exercise_failed(exercise, "open") : done_if(exercise, close(fd), "close");
}

/* To 0 an overlay would not copy any data. */
static enum turn run_truncate(struct exercise *exercise)
{
	return done_if(exercise, truncate(exercise->operation->path, exercise->status.st_size / 2), "truncate");
}

static enum turn run_chmod(struct exercise *exercise)
{
	return done_if(exercise, chmod(exercise->operation->path, (exercise->status.st_mode & 07777) ^ 01), "chmod");
}

static enum turn run_chown(struct exercise *exercise)
{
	uid_t uid = exercise->status.st_uid + 1;
	gid_t gid = exercise->status.st_gid + 1;

	return done_if(exercise, lchown(exercise->operation->path, uid, gid), "lchown");
}

static enum turn run_utimensat(struct exercise *exercise)
{
	const struct timespec times[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };

	return done_if(exercise, utimensat(AT_FDCWD, exercise->operation->path, times, AT_SYMLINK_NOFOLLOW), "utimensat");
}

static enum turn run_setxattr(struct exercise *exercise)
{
	return done_if(exercise, lsetxattr(exercise->operation->path, "user.fathom", "1", 1, 0), "lsetxattr");
}

static enum turn run_link(struct exercise *exercise)
{
	return done_if(exercise, link(exercise->operation->path, exercise->operation->to), "link");
}

static enum turn run_rename(struct exercise *exercise)
{
	return done_if(exercise, rename(exercise->operation->path, exercise->operation->to), "rename");
}

static enum turn run_mmap_write(struct exercise *exercise)
{
	size_t size = (size_t)exercise->status.st_size;
	int fd = open(exercise->operation->path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return exercise_failed(exercise, "open");
	volatile char *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return exercise_failed(exercise, "mmap");
	pages_missed = 0;
	for (size_t at = 0; at < size; at += PAGE)
		map[at] = (char)~map[at];
	munmap((void *)map, size);
	close(fd);
	errno = EIO;
	return pages_missed ? exercise_failed(exercise, "page fault") : TURN_DONE;
}

static const struct manner manners[WAY_COUNT] = {
	[WAY_OPEN_WRITE] = { look_up, run_open_write },
	[WAY_TRUNCATE] = { look_up, run_truncate },
	[WAY_CHMOD] = { look_up, run_chmod },
	[WAY_CHOWN] = { look_up, run_chown },
	[WAY_UTIMENSAT] = { look_up, run_utimensat },
	[WAY_SETXATTR] = { look_up, run_setxattr },
	[WAY_LINK] = { look_up, run_link },
	[WAY_RENAME] = { look_up, run_rename },
	[WAY_MMAP_WRITE] = { look_up, run_mmap_write },
};

const struct manner *copying_up(enum way way)
{
	return manners[way].run ? &manners[way] : NULL;
}
