/*
 * Read-write churn in the manner of fsstress: calls with names, offsets and lengths that the seed decides alone, whatever
 * the kernel answers, upon a directory of the process's own and upon files that were there before.
 */
#include "exercise.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Names in use: few, so that most are there most of the time. */
#define DIRECTORIES 4
#define SLOTS 6
/* Files grow up to that, and a piece. */
#define MOST_OFFSET (4 * PIECE)

static enum turn prepare(struct exercise *exercise)
{
	const struct operation *operation = exercise->operation;

	snprintf(exercise->room, sizeof exercise->room, "%s/churn-%u-%u", operation->path, (unsigned)operation->seed, exercise->process);
	if (!population_take(&exercise->population, operation->path, "churn-"))
		return exercise_failed(exercise, "walk");
	/* The first half of the buffer is what is written; what is read goes into the second, or inode numbers would get in. */
	for (size_t i = 0; i < PIECE; i++)
		exercise->buffer[i] = (char)random_next(&exercise->random);
	return mkdir(exercise->room, 0755) == 0 || errno == EEXIST ? TURN_DONE : exercise_failed(exercise, "mkdir");
}

struct name {
	char path[4300];
};

static void choose_directory(struct exercise *exercise, struct name *name)
{
	snprintf(name->path, sizeof name->path, "%s/d%u", exercise->room, random_below(&exercise->random, DIRECTORIES));
}

/* A file or, with another letter, a symbolic link; in one of the directories or beside them. */
static void choose_own(struct exercise *exercise, char letter, struct name *name)
{
	unsigned directory = random_below(&exercise->random, DIRECTORIES + 2);
	unsigned slot = random_below(&exercise->random, SLOTS);

	if (directory < DIRECTORIES)
		snprintf(name->path, sizeof name->path, "%s/d%u/%c%u", exercise->room, directory, letter, slot);
	else
		snprintf(name->path, sizeof name->path, "%s/%c%u", exercise->room, letter, slot);
}

/* One of its own, or one time in `seldom` one that was there before. */
static void choose_any(struct exercise *exercise, unsigned seldom, struct name *name)
{
	bool old = random_below(&exercise->random, seldom) == 0;
	const char *path = population_choose(&exercise->population.files, &exercise->random);

	choose_own(exercise, 'f', name);
	if (old && path)
		snprintf(name->path, sizeof name->path, "%s", path);
}

static int close_with(int fd, int result)
{
	int error = errno;

	close(fd);
	errno = error;
	return result;
}

static int write_at_random(struct exercise *exercise, const char *path, int flags, bool sync)
{
	off_t at = random_below(&exercise->random, MOST_OFFSET);
	size_t length = 1 + random_below(&exercise->random, PIECE - 1);
	int fd = open(path, O_WRONLY | O_CLOEXEC | flags, 0644);

	if (fd < 0)
		return -1;
	int result = pwrite(fd, exercise->buffer, length, at) < 0 ? -1 : 0;
	if (result == 0 && sync)
		result = fsync(fd);
	return close_with(fd, result);
}

static int op_create(struct exercise *exercise)
{
	struct name name;

	choose_own(exercise, 'f', &name);
	return write_at_random(exercise, name.path, random_below(&exercise->random, 4) ? O_CREAT : O_CREAT | O_TRUNC, false);
}

static int op_write(struct exercise *exercise)
{
	struct name name;

	choose_any(exercise, 3, &name);
	return write_at_random(exercise, name.path, 0, false);
}

static int op_fsync(struct exercise *exercise)
{
	struct name name;

	choose_any(exercise, 6, &name);
	return write_at_random(exercise, name.path, 0, true);
}

static int op_read(struct exercise *exercise)
{
	struct name name;
	off_t at = random_below(&exercise->random, MOST_OFFSET);

	choose_any(exercise, 2, &name);
	int fd = open(name.path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -1 : close_with(fd, pread(fd, exercise->buffer + PIECE, PIECE, at) < 0 ? -1 : 0);
}

static int op_truncate(struct exercise *exercise)
{
	struct name name;
	off_t size = random_below(&exercise->random, MOST_OFFSET);

	choose_any(exercise, 3, &name);
	return truncate(name.path, size);
}

static int op_mmap(struct exercise *exercise)
{
	struct name name;
	struct stat status;

	choose_any(exercise, 3, &name);
	int fd = open(name.path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (fstat(fd, &status) != 0 || status.st_size == 0)
		return close_with(fd, 0);
	size_t length = status.st_size < PIECE ? (size_t)status.st_size : PIECE;
	volatile char *map = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return close_with(fd, -1);
	pages_missed = 0;
	for (size_t at = 0; at < length; at += PAGE)
		map[at] = (char)(map[at] + 1);
	munmap((void *)map, length);
	errno = ENOSPC; /* or another process has made it shorter */
	return close_with(fd, pages_missed ? -1 : 0);
}

static int op_rename(struct exercise *exercise)
{
	struct name from, to;

	choose_any(exercise, 16, &from);
	choose_own(exercise, 'f', &to);
	return rename(from.path, to.path);
}

static int op_link(struct exercise *exercise)
{
	struct name from, to;

	choose_any(exercise, 4, &from);
	choose_own(exercise, 'f', &to);
	return link(from.path, to.path);
}

static int op_symlink(struct exercise *exercise)
{
	struct name name;

	choose_own(exercise, 'l', &name);
	return symlink("../f0", name.path);
}

static int op_readlink(struct exercise *exercise)
{
	struct name name;

	choose_own(exercise, 'l', &name);
	return readlink(name.path, exercise->buffer + PIECE, PIECE) < 0 ? -1 : 0;
}

static int op_unlink(struct exercise *exercise)
{
	struct name file, link;
	bool is_link = random_below(&exercise->random, 4) == 0;

	choose_any(exercise, 24, &file);
	choose_own(exercise, 'l', &link);
	return unlink(is_link ? link.path : file.path);
}

static int op_mkdir(struct exercise *exercise)
{
	struct name name;

	choose_directory(exercise, &name);
	return mkdir(name.path, 0755);
}

static int op_rmdir(struct exercise *exercise)
{
	struct name name;

	choose_directory(exercise, &name);
	return rmdir(name.path);
}

static int op_chmod(struct exercise *exercise)
{
	struct name name;
	mode_t mode = 0400 | random_below(&exercise->random, 0400);

	choose_any(exercise, 3, &name);
	return chmod(name.path, mode);
}

static int op_setxattr(struct exercise *exercise)
{
	struct name name;
	size_t length = 1 + random_below(&exercise->random, 200);

	choose_any(exercise, 3, &name);
	return setxattr(name.path, "user.fathom", exercise->buffer, length, 0);
}

static int op_getdents(struct exercise *exercise)
{
	struct name name;
	ssize_t length;

	choose_directory(exercise, &name);
	int fd = open(name.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	while ((length = getdents64(fd, exercise->buffer + PIECE, PIECE)) > 0)
		;
	return close_with(fd, (int)length);
}

static const struct {
	unsigned weight;
	int (*run)(struct exercise *exercise);
} ops[] = {
	{ 8, op_create }, { 8, op_write },    { 8, op_read },   { 4, op_truncate }, { 4, op_mmap },   { 3, op_rename },
	{ 3, op_link },	  { 2, op_symlink },  { 2, op_readlink }, { 3, op_unlink },   { 3, op_mkdir },  { 1, op_rmdir },
	{ 3, op_chmod },  { 3, op_setxattr }, { 2, op_fsync },	  { 2, op_getdents },
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* What names, room and memory bring about; the rest (EIO, EUCLEAN, ESTALE, EROFS …) says that something is broken. */
static bool by_chance(int error)
{
	switch (error) {
	case ENOENT:
	case EEXIST:
	case ENOTEMPTY:
	case ENOSPC:
	case EDQUOT:
	case ENOMEM:
	case EXDEV:
	case EMLINK:
	case EPERM:
	case ETXTBSY:
	case EOPNOTSUPP:
		return true;
	default:
		return false;
	}
}

static enum turn run(struct exercise *exercise)
{
	unsigned total = 0;

	for (size_t i = 0; i < COUNT(ops); i++)
		total += ops[i].weight;
	unsigned drawn = random_below(&exercise->random, total);
	size_t op = 0;
	while (drawn >= ops[op].weight)
		drawn -= ops[op++].weight;
	if (ops[op].run(exercise) == 0)
		return TURN_DONE;
	return by_chance(errno) ? TURN_REFUSED : exercise_failed(exercise, "churn");
}

const struct manner *churning(enum way way)
{
	static const struct manner manner = { prepare, run };

	return way == WAY_CHURN ? &manner : NULL;
}
