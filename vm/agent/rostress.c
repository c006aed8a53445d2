/* Read-only stress: processes that read a tree at random, each by calls of its own. Nothing may fail. */
#include "exercise.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <unistd.h>

static enum turn prepare(struct exercise *exercise)
{
	exercise->sink = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (exercise->sink < 0)
		return exercise_failed(exercise, "open(/dev/null)");
	return population_take(&exercise->population, exercise->operation->path, "") ? TURN_DONE : exercise_failed(exercise, "walk");
}

static const char *touch_mapping(int fd, off_t at, size_t length)
{
	volatile char *map = mmap(NULL, length, PROT_READ, MAP_SHARED, fd, at);

	if (map == MAP_FAILED)
		return "mmap";
	pages_missed = 0;
	for (size_t offset = 0; offset < length; offset += PAGE)
		(void)map[offset];
	munmap((void *)map, length);
	errno = EIO;
	return pages_missed ? "page fault" : NULL;
}

/* The call that failed, or NULL. */
static const char *read_somehow(struct exercise *exercise, int fd, unsigned how, unsigned where, size_t length)
{
	struct iovec parts[2] = { { exercise->buffer, length / 2 + 1 }, { exercise->buffer + PIECE, length / 2 + 1 } };
	struct stat status;

	if (fstat(fd, &status) != 0)
		return "fstat";
	if (status.st_size == 0)
		return NULL;
	off_t at = (off_t)(where % (uint64_t)status.st_size);
	off_t page = at & ~(off_t)(PAGE - 1);
	size_t left = (size_t)(status.st_size - page);
	switch (how) {
	case 0:
	case 1:
		return pread(fd, exercise->buffer, length, at) < 0 ? "pread" : NULL;
	case 2:
		return preadv(fd, parts, 2, at) < 0 ? "preadv" : NULL;
	case 3:
	case 4:
		return touch_mapping(fd, page, left < length ? left : length);
	case 5:
		return readahead(fd, at, length) != 0 ? "readahead" : NULL;
	case 6:
		return sendfile(exercise->sink, fd, &at, length) < 0 ? "sendfile" : NULL;
	default:
		errno = posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
		return errno ? "posix_fadvise" : NULL;
	}
}

static enum turn read_file(struct exercise *exercise, const char *path)
{
	unsigned how = random_below(&exercise->random, 8);
	unsigned where = random_below(&exercise->random, UINT32_MAX);
	size_t length = 1 + random_below(&exercise->random, PIECE - 2);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return exercise_failed(exercise, "open");
	const char *call = read_somehow(exercise, fd, how, where, length);
	if (call)
		exercise_failed(exercise, call);
	close(fd);
	return call ? TURN_FAILED : TURN_DONE;
}

static enum turn list_directory(struct exercise *exercise, const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ssize_t length;

	if (fd < 0)
		return exercise_failed(exercise, "open");
	while ((length = getdents64(fd, exercise->buffer, PIECE)) > 0)
		;
	enum turn turn = length == 0 ? TURN_DONE : exercise_failed(exercise, "getdents64");
	close(fd);
	return turn;
}

static enum turn get_attributes(struct exercise *exercise, const char *path)
{
	ssize_t length = llistxattr(path, exercise->buffer, PIECE);

	if (length < 0)
		return errno == EOPNOTSUPP ? TURN_DONE : exercise_failed(exercise, "llistxattr");
	for (const char *name = exercise->buffer; name < exercise->buffer + length; name += strlen(name) + 1)
		if (lgetxattr(path, name, exercise->buffer + PIECE, PIECE) < 0)
			return exercise_failed(exercise, "lgetxattr");
	return TURN_DONE;
}

/* Of the kinds that the tree has: mostly files. */
static enum turn run(struct exercise *exercise)
{
	unsigned kind = random_below(&exercise->random, 16);
	const char *file = population_choose(&exercise->population.files, &exercise->random);
	const char *directory = population_choose(&exercise->population.directories, &exercise->random);
	const char *symlink = population_choose(&exercise->population.links, &exercise->random);

	if (kind < 11 && file)
		return read_file(exercise, file);
	if (kind == 11 && file)
		return get_attributes(exercise, file);
	if (kind == 12 && symlink)
		return readlink(symlink, exercise->buffer, PIECE) >= 0 ? TURN_DONE : exercise_failed(exercise, "readlink");
	if (directory)
		return list_directory(exercise, directory);
	errno = ENOTDIR;
	return exercise_failed(exercise, "walk");
}

const struct manner *rostressing(enum way way)
{
	static const struct manner manner = { prepare, run };

	return way == WAY_ROSTRESS ? &manner : NULL;
}
