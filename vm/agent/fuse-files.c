/* Open files and directories of a FUSE daemon, passthrough among them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fuse-server.h"

/* Its address is the handle. */
struct handle {
	int fd;
	struct node *node;
	bool is_passed;
	int64_t at; /* of a directory, as getdents64 counts */
};

static struct handle *handle_of(uint64_t handle)
{
	return (struct handle *)(uintptr_t)handle;
}

/*
 * Gives the kernel the file itself, if it takes it (it does not where the file's filesystem is as deep as was declared,
 * or where it knows of no passthrough); else all goes through here.
 */
static void pass_through(struct server *server, struct handle *handle)
{
	struct node *node = handle->node;

	if (!server->options.passthrough)
		return;
	if (!node->backing_users) {
		struct backing_map map = { .fd = handle->fd };
		int id = ioctl(server->fuse, BACKING_OPEN, &map);
		if (id <= 0)
			return;
		node->backing_id = id;
	}
	node->backing_users++;
	handle->is_passed = true;
}

static void end_passing(struct server *server, struct handle *handle)
{
	struct node *node = handle->node;

	if (handle->is_passed && --node->backing_users == 0)
		ioctl(server->fuse, BACKING_CLOSE, &node->backing_id);
}

static int answer_open(struct server *server, struct node *node, int fd, struct open_answer *out)
{
	struct handle *handle = calloc(1, sizeof *handle);

	if (!handle) {
		close(fd);
		return -ENOMEM;
	}
	*handle = (struct handle){ .fd = fd, .node = node };
	pass_through(server, handle);
	*out = (struct open_answer){ .handle = (uint64_t)(uintptr_t)handle };
	if (handle->is_passed) {
		out->flags = OPEN_PASSTHROUGH;
		out->backing_id = node->backing_id;
	}
	return 0;
}

/* The kernel says where to write, also at the end, and a cache that writes back reads what is only to be written. */
static int flags_of(const struct server *server, uint32_t flags)
{
	int access = (int)(flags & O_ACCMODE);

	return (server->options.writeback_cache && access == O_WRONLY ? O_RDWR : access) | O_CLOEXEC;
}

int serve_open(struct server *server, struct call *call)
{
	const struct fuse_open_in *in = (const void *)call->body;
	struct node *node = node_of(server, call->header->nodeid);
	int fd = open(node_path(node), flags_of(server, in->flags));

	if (fd < 0)
		return -errno;
	call->answered = sizeof(struct open_answer);
	return answer_open(server, node, fd, (void *)call->answer);
}

/* A new file, open: its entry, then its handle. */
static int answer_created(struct server *server, struct call *call, int fd)
{
	char path[40];

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	int path_fd = open(path, O_PATH | O_CLOEXEC);
	struct node *node = path_fd < 0 ? NULL : node_take(server, path_fd);
	int error = node ? answer_node(node, (void *)call->answer) : -errno;
	if (error)
		close(fd);
	else
		error = answer_open(server, node, fd, (void *)(call->answer + sizeof(struct fuse_entry_out)));
	if (error && node)
		node_forget(server, (uint64_t)(uintptr_t)node, 1);
	call->answered = sizeof(struct fuse_entry_out) + sizeof(struct open_answer);
	return error;
}

int serve_create(struct server *server, struct call *call)
{
	const struct fuse_create_in *in = (const void *)call->body;
	const char *name = call->body + sizeof *in;
	const struct node *parent = node_of(server, call->header->nodeid);
	int fd = openat(parent->fd, name, flags_of(server, in->flags) | O_CREAT | (int)(in->flags & O_EXCL) | O_NOFOLLOW, in->mode);

	if (fd < 0)
		return -errno;
	int error = give_to_caller(call, parent, name);
	if (!error)
		return answer_created(server, call, fd);
	close(fd);
	return error;
}

int serve_read(struct server *server, struct call *call)
{
	const struct fuse_read_in *in = (const void *)call->body;
	size_t size = in->size < LARGEST_WRITE ? in->size : LARGEST_WRITE;

	(void)server;
	for (size_t done = 0; done < size;) {
		ssize_t length = pread(handle_of(in->fh)->fd, call->answer + done, size - done, (off_t)(in->offset + done));
		if (length < 0)
			return -errno;
		if (length == 0)
			break;
		done += (size_t)length;
		call->answered = done;
	}
	return 0;
}

int serve_write(struct server *server, struct call *call)
{
	const struct fuse_write_in *in = (const void *)call->body;
	struct fuse_write_out *out = (void *)call->answer;
	ssize_t written = pwrite(handle_of(in->fh)->fd, call->body + sizeof *in, in->size, (off_t)in->offset);

	(void)server;
	if (written < 0)
		return -errno;
	*out = (struct fuse_write_out){ .size = (uint32_t)written };
	call->answered = sizeof *out;
	return 0;
}

int serve_fsync(struct server *server, struct call *call)
{
	const struct fuse_fsync_in *in = (const void *)call->body;
	int fd = handle_of(in->fh)->fd;

	(void)server;
	return (in->fsync_flags & FUSE_FSYNC_FDATASYNC ? fdatasync(fd) : fsync(fd)) == 0 ? 0 : -errno;
}

int serve_fallocate(struct server *server, struct call *call)
{
	const struct fuse_fallocate_in *in = (const void *)call->body;

	(void)server;
	return fallocate(handle_of(in->fh)->fd, (int)in->mode, (off_t)in->offset, (off_t)in->length) == 0 ? 0 : -errno;
}

int serve_lseek(struct server *server, struct call *call)
{
	const struct fuse_lseek_in *in = (const void *)call->body;
	off_t found = lseek(handle_of(in->fh)->fd, (off_t)in->offset, (int)in->whence);

	(void)server;
	if (found < 0)
		return -errno;
	*(struct fuse_lseek_out *)(void *)call->answer = (struct fuse_lseek_out){ .offset = (uint64_t)found };
	call->answered = sizeof(struct fuse_lseek_out);
	return 0;
}

int serve_release(struct server *server, struct call *call)
{
	struct handle *handle = handle_of(((const struct fuse_release_in *)(const void *)call->body)->fh);

	end_passing(server, handle);
	close(handle->fd);
	free(handle);
	return 0;
}

int serve_opendir(struct server *server, struct call *call)
{
	struct node *node = node_of(server, call->header->nodeid);
	int fd = openat(node->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct handle *handle = fd < 0 ? NULL : calloc(1, sizeof *handle);

	if (!handle)
		return -errno;
	*handle = (struct handle){ .fd = fd, .node = node };
	*(struct open_answer *)(void *)call->answer = (struct open_answer){ .handle = (uint64_t)(uintptr_t)handle };
	call->answered = sizeof(struct open_answer);
	return 0;
}

int serve_readdir(struct server *server, struct call *call)
{
	static char buffer[32 * 1024];
	const struct fuse_read_in *in = (const void *)call->body;
	struct handle *handle = handle_of(in->fh);
	size_t room = in->size < LARGEST_WRITE ? in->size : LARGEST_WRITE;

	(void)server;
	if (handle->at != (int64_t)in->offset && lseek(handle->fd, (off_t)in->offset, SEEK_SET) < 0)
		return -errno;
	handle->at = (int64_t)in->offset;
	/* What is read and does not fit is read again: its place is where the next request begins. */
	long length = syscall(SYS_getdents64, handle->fd, buffer, room < sizeof buffer ? room : sizeof buffer);
	if (length < 0)
		return -errno;
	for (long at = 0; at < length;) {
		const struct dirent64 *entry = (const void *)(buffer + at);
		size_t name_length = strlen(entry->d_name);
		size_t size = FUSE_DIRENT_ALIGN(FUSE_NAME_OFFSET + name_length);
		if (call->answered + size > room) {
			handle->at = -1;
			break;
		}
		struct fuse_dirent *out = (void *)(call->answer + call->answered);
		memset(out, 0, size);
		*out = (struct fuse_dirent){ .ino = entry->d_ino, .off = (uint64_t)entry->d_off, .namelen = (uint32_t)name_length, .type = entry->d_type };
		memcpy(out->name, entry->d_name, name_length);
		call->answered += size;
		at += entry->d_reclen;
		handle->at = entry->d_off;
	}
	return 0;
}

int serve_releasedir(struct server *server, struct call *call)
{
	struct handle *handle = handle_of(((const struct fuse_release_in *)(const void *)call->body)->fh);

	(void)server;
	close(handle->fd);
	free(handle);
	return 0;
}
