/* Reading: one file, or a whole tree with every entry's metadata and content hash. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "errno-name.h"
#include "operations.h"
#include "sha256.h"
#include "xattrs.h"

#define MAX_INTEGER ((1LL << 53) - 1) /* what JSON readers keep exactly; a corrupt inode may claim more */
#define MAX_TREE_DEPTH 256

/* Name of the call that failed, or NULL. */
static const char *hash_file(int directory, const char *name, int flags, char hex[65], int64_t *size)
{
	static char buffer[128 * 1024];
	struct sha256 sha;
	int fd = openat(directory, name, O_RDONLY | O_CLOEXEC | flags);

	if (fd < 0)
		return "open";
	sha256_begin(&sha);
	*size = 0;
	for (;;) {
		ssize_t length = read(fd, buffer, sizeof buffer);
		if (length < 0) {
			int error = errno;
			close(fd);
			errno = error;
			return "read";
		}
		if (length == 0)
			break;
		sha256_add(&sha, buffer, (size_t)length);
		*size += length;
	}
	close(fd);
	sha256_end(&sha, hex);
	return NULL;
}

bool read_operation(const struct operation *operation, struct outcome *outcome)
{
	char hex[65];
	int64_t size;
	const char *call = hash_file(AT_FDCWD, operation->path, 0, hex, &size);

	if (call)
		return failed(outcome, call);
	json_member_string(&outcome->members, "sha256", hex);
	json_member_integer(&outcome->members, "sizeBytes", size);
	return true;
}

struct walk {
	struct text *out;
	struct outcome *outcome;
	struct text path; /* of the entry at hand, relative to the root */
	unsigned depth;
	bool good;
	bool told; /* of the entry at hand: it has its errno */
};

static void walk_entry(struct walk *walk, int directory, const char *name);

static const char *type_name(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return "directory";
	case S_IFLNK:
		return "symlink";
	case S_IFCHR:
		return "character";
	case S_IFBLK:
		return "block";
	case S_IFIFO:
		return "fifo";
	case S_IFSOCK:
		return "socket";
	default:
		return "file";
	}
}

/* The step fails with its first error, but goes on: the other entries are worth having. */
static void entry_failed(struct walk *walk, const char *call)
{
	int error = errno;

	if (walk->good)
		failed(walk->outcome, call);
	walk->good = false;
	if (!walk->told)
		json_member_string(walk->out, "errno", errno_name(error));
	walk->told = true;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

struct names {
	char **names;
	size_t count;
};

/* errno of readdir, 0 if all were read. */
static int read_names(DIR *stream, struct names *list)
{
	size_t room = 0;

	for (;;) {
		errno = 0;
		struct dirent *entry = readdir(stream);
		if (!entry)
			break;
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (list->count == room) {
			room = room ? 2 * room : 16;
			list->names = realloc(list->names, room * sizeof *list->names);
			if (!list->names)
				abort();
		}
		char *name = strdup(entry->d_name);
		if (!name)
			abort();
		list->names[list->count++] = name;
	}
	int error = errno;
	if (list->count)
		qsort(list->names, list->count, sizeof *list->names, compare_names);
	return error;
}

static void walk_names(struct walk *walk, int directory, const struct names *list)
{
	size_t length = walk->path.length;

	walk->depth++;
	for (size_t i = 0; i < list->count; i++) {
		if (length)
			text_put(&walk->path, "/");
		text_put(&walk->path, list->names[i]);
		walk_entry(walk, directory, list->names[i]);
		walk->path.length = length;
		if (length)
			walk->path.bytes[length] = '\0';
	}
	walk->depth--;
}

static void walk_directory(struct walk *walk, int parent, const char *name)
{
	struct names list = { 0 };
	int fd = -1;

	if (walk->depth == MAX_TREE_DEPTH)
		errno = ELOOP;
	else
		fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	if (!stream) {
		entry_failed(walk, "open");
		text_put(walk->out, "}");
		return;
	}
	int error = read_names(stream, &list);
	if (error) {
		errno = error;
		entry_failed(walk, "getdents");
	}
	text_put(walk->out, "}");
	walk_names(walk, fd, &list);
	for (size_t i = 0; i < list.count; i++)
		free(list.names[i]);
	free(list.names);
	closedir(stream);
}

static void put_link_target(struct walk *walk, int directory, const char *name)
{
	char target[PATH_MAX];
	ssize_t length = readlinkat(directory, name, target, sizeof target);

	if (length < 0) {
		entry_failed(walk, "readlink");
		return;
	}
	text_put(walk->out, ",\"target\":");
	json_put_string(walk->out, target, (size_t)length);
}

static void put_content(struct walk *walk, int directory, const char *name)
{
	char hex[65];
	int64_t size;
	const char *call = hash_file(directory, name, O_NOFOLLOW, hex, &size);

	if (call)
		entry_failed(walk, call);
	else
		json_member_string(walk->out, "sha256", hex);
}

static void put_device(struct text *out, const char *name, dev_t device)
{
	text_format(out, ",\"%s\":\"%u:%u\"", name, major(device), minor(device));
}

/* In nanoseconds. Seconds may be any 64 bits in a corrupt inode: then the nearest that fits. */
static void put_mtime(struct text *out, const struct timespec *time)
{
	int64_t seconds, nanoseconds;

	if (__builtin_mul_overflow((int64_t)time->tv_sec, 1000000000LL, &seconds) ||
	    __builtin_add_overflow(seconds, (int64_t)time->tv_nsec, &nanoseconds))
		nanoseconds = time->tv_sec < 0 ? INT64_MIN : INT64_MAX;
	text_format(out, ",\"mtimeNs\":\"%lld\"", (long long)nanoseconds);
}

/* Inode numbers are a string, as nanoseconds are: both pass 2^53. */
static void put_status(struct text *out, const struct stat *status)
{
	int64_t size = status->st_size > MAX_INTEGER ? MAX_INTEGER : status->st_size;

	json_member_string(out, "type", type_name(status->st_mode));
	json_member_integer(out, "mode", status->st_mode & 07777);
	json_member_integer(out, "uid", status->st_uid);
	json_member_integer(out, "gid", status->st_gid);
	json_member_integer(out, "sizeBytes", size < 0 ? 0 : size);
	json_member_integer(out, "nlink", (int64_t)status->st_nlink);
	put_mtime(out, &status->st_mtim);
	put_device(out, "device", status->st_dev);
	text_format(out, ",\"inode\":\"%llu\"", (unsigned long long)status->st_ino);
	if (S_ISCHR(status->st_mode) || S_ISBLK(status->st_mode))
		put_device(out, "rdev", status->st_rdev);
}

static void walk_entry(struct walk *walk, int directory, const char *name)
{
	struct stat status = { 0 };
	const char *path = walk->path.length ? walk->path.bytes : ".";
	int result = fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW);
	int error = errno;

	if (walk->out->length > MAX_RESULT_BYTES) {
		errno = EFBIG;
		if (walk->good)
			failed(walk->outcome, "tree");
		walk->good = false;
		return;
	}
	text_put(walk->out, walk->out->length ? ",{\"path\":" : "{\"path\":");
	json_put_string(walk->out, path, strlen(path));
	put_status(walk->out, &status);
	walk->told = false;
	const char *fault = result == 0 ? put_xattrs(walk->out, directory, name) : NULL;
	if (fault)
		entry_failed(walk, fault);
	if (result != 0) {
		text_put(walk->out, ",\"xattrs\":{}");
		errno = error;
		entry_failed(walk, "stat");
	} else if (S_ISDIR(status.st_mode)) {
		walk_directory(walk, directory, name);
		return;
	} else if (S_ISLNK(status.st_mode)) {
		put_link_target(walk, directory, name);
	} else if (S_ISREG(status.st_mode)) {
		put_content(walk, directory, name);
	}
	text_put(walk->out, "}");
}

bool tree_operation(const struct operation *operation, struct outcome *outcome)
{
	struct text entries = { 0 };
	struct stat status;
	struct walk walk = { .out = &entries, .outcome = outcome, .good = true };

	if (lstat(operation->path, &status) != 0)
		return failed(outcome, "stat");
	walk_entry(&walk, AT_FDCWD, operation->path);
	text_put(&outcome->members, ",\"entries\":[");
	text_add(&outcome->members, entries.bytes, entries.length);
	text_put(&outcome->members, "]");
	text_free(&entries);
	text_free(&walk.path);
	return walk.good;
}
