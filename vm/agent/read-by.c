/* Reading the whole of a file in another way than read(2); what came of it is hashed. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "operations.h"
#include "page-fault.h"
#include "sha256.h"

#define PIECE 65536

struct reading {
	const char *path;
	int fd;
	int64_t file_size;
	char *buffer; /* a piece, page-aligned for O_DIRECT */
	struct sha256 sha;
	int64_t size; /* of what was read */
};

/* Each reads all and gives NULL, or the call that failed. */
typedef const char *reader(struct reading *reading);

static void add(struct reading *reading, const char *bytes, size_t length)
{
	sha256_add(&reading->sha, bytes, length);
	reading->size += (int64_t)length;
}

static const char *by_pread(struct reading *reading)
{
	ssize_t length;

	while ((length = pread(reading->fd, reading->buffer, PIECE, reading->size)) > 0)
		add(reading, reading->buffer, (size_t)length);
	return length == 0 ? NULL : "pread";
}

/* Not up to the 0 at the end: an end that is not aligned cannot be asked for. */
static const char *by_direct(struct reading *reading)
{
	while (reading->size < reading->file_size) {
		ssize_t length = pread(reading->fd, reading->buffer, PIECE, reading->size);
		if (length < 0)
			return "pread";
		if (length == 0)
			break;
		add(reading, reading->buffer, (size_t)length);
	}
	return NULL;
}

static const char *by_readv(struct reading *reading)
{
	struct iovec parts[4];
	ssize_t length;

	for (size_t i = 0; i < 4; i++)
		parts[i] = (struct iovec){ reading->buffer + i * (PIECE / 4), PIECE / 4 };
	while ((length = readv(reading->fd, parts, 4)) > 0)
		add(reading, reading->buffer, (size_t)length);
	return length == 0 ? NULL : "readv";
}

struct mapped {
	struct reading *reading;
	const char *map;
};

static void add_mapped(void *context)
{
	struct mapped *mapped = context;

	add(mapped->reading, mapped->map, (size_t)mapped->reading->file_size);
}

static const char *by_mmap(struct reading *reading)
{
	size_t size = (size_t)reading->file_size;

	if (size == 0)
		return NULL;
	struct mapped mapped = { reading, mmap(NULL, size, PROT_READ, MAP_SHARED, reading->fd, 0) };
	if (mapped.map == MAP_FAILED)
		return "mmap";
	bool good = reached_all_pages(add_mapped, &mapped);
	munmap((void *)mapped.map, size);
	errno = EIO;
	return good ? NULL : "page fault";
}

/* A piece at a time into memory, so that a large file needs no more of it. */
static const char *by_sendfile(struct reading *reading)
{
	int sink = memfd_create("sendfile", MFD_CLOEXEC);
	const char *call = NULL;
	off_t at = 0;

	if (sink < 0)
		return "memfd_create";
	while (!call) {
		lseek(sink, 0, SEEK_SET);
		ssize_t length = sendfile(sink, reading->fd, &at, PIECE);
		if (length == 0)
			break;
		if (length < 0)
			call = "sendfile";
		else if (pread(sink, reading->buffer, (size_t)length, 0) != length)
			call = "pread(memfd)";
		else
			add(reading, reading->buffer, (size_t)length);
	}
	int error = errno;
	close(sink);
	errno = error;
	return call;
}

/* All that is in a pipe whose other end gives no more, or `limit` bytes. */
static const char *drain(struct reading *reading, int pipe, int64_t limit)
{
	while (limit > 0) {
		ssize_t length = read(pipe, reading->buffer, limit < PIECE ? (size_t)limit : PIECE);
		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			return "read(pipe)";
		if (length == 0)
			break;
		add(reading, reading->buffer, (size_t)length);
		limit -= length;
	}
	return NULL;
}

static const char *by_splice(struct reading *reading)
{
	int ends[2];
	const char *call = NULL;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return "pipe";
	while (!call) {
		ssize_t length = splice(reading->fd, NULL, ends[1], NULL, PIECE, 0);
		if (length == 0)
			break;
		call = length < 0 ? "splice" : drain(reading, ends[0], length);
	}
	int error = errno;
	close(ends[0]);
	close(ends[1]);
	errno = error;
	return call;
}

static const char *by_readahead(struct reading *reading)
{
	return readahead(reading->fd, 0, (size_t)reading->file_size) == 0 ? by_pread(reading) : "readahead";
}

/* A program that writes itself to its standard output: the kernel maps the file, and its pages are what is hashed. */
static const char *by_exec(struct reading *reading)
{
	char *arguments[] = { (char *)reading->path, NULL }, *environment[] = { NULL };
	posix_spawn_file_actions_t actions;
	int ends[2], status = 0;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return "pipe";
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
	int error = posix_spawn(&child, reading->path, &actions, NULL, arguments, environment);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	const char *call = error ? "execve" : drain(reading, ends[0], INT64_MAX);
	if (call && !error)
		error = errno;
	close(ends[0]);
	while (call == NULL && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (call == NULL && status != 0) {
		call = WIFEXITED(status) ? "exec (exit status)" : "exec (killed)";
		error = EIO;
	}
	errno = error;
	return call;
}

static const struct {
	reader *read;
	int flags; /* of open(2) */
} ways[WAY_COUNT] = {
	[WAY_PREAD] = { by_pread, 0 },
	[WAY_READV] = { by_readv, 0 },
	[WAY_MMAP] = { by_mmap, 0 },
	[WAY_SENDFILE] = { by_sendfile, 0 },
	[WAY_SPLICE] = { by_splice, 0 },
	[WAY_DIRECT] = { by_direct, O_DIRECT },
	[WAY_READAHEAD] = { by_readahead, 0 },
	[WAY_EXEC] = { by_exec, 0 },
};

bool read_by_operation(const struct operation *operation, struct outcome *outcome)
{
	static _Alignas(4096) char buffer[PIECE];
	struct reading reading = { .path = operation->path, .buffer = buffer };
	struct stat status;
	char hex[65];

	reading.fd = open(operation->path, O_RDONLY | O_CLOEXEC | ways[operation->way].flags);
	if (reading.fd < 0)
		return failed(outcome, "open");
	const char *call = fstat(reading.fd, &status) == 0 ? NULL : "fstat";
	if (!call) {
		reading.file_size = status.st_size;
		sha256_begin(&reading.sha);
		call = ways[operation->way].read(&reading);
	}
	int error = errno;
	close(reading.fd);
	errno = error;
	if (call)
		return failed(outcome, call);
	sha256_end(&reading.sha, hex);
	json_member_string(&outcome->members, "sha256", hex);
	json_member_integer(&outcome->members, "sizeBytes", reading.size);
	return true;
}
