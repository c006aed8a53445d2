/* The files that the kernel knows of, and their names. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fuse-server.h"

struct node *node_of(struct server *server, uint64_t id)
{
	return id == FUSE_ROOT_ID ? &server->root : (struct node *)(uintptr_t)id;
}

static struct node **bucket_of(struct server *server, ino_t inode)
{
	return &server->nodes[inode % NODE_BUCKETS];
}

struct node *node_take(struct server *server, int fd)
{
	struct stat status;
	struct node *node;

	if (fstatat(fd, "", &status, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) != 0)
		goto failed;
	node = *bucket_of(server, status.st_ino);
	while (node && (node->inode != status.st_ino || node->device != status.st_dev))
		node = node->next;
	if (node) {
		close(fd);
	} else {
		node = calloc(1, sizeof *node);
		if (!node)
			goto failed;
		*node = (struct node){ .fd = fd, .device = status.st_dev, .inode = status.st_ino, .next = *bucket_of(server, status.st_ino) };
		*bucket_of(server, status.st_ino) = node;
	}
	node->lookups++;
	return node;
failed:;
	int error = errno;
	close(fd);
	errno = error;
	return NULL;
}

void node_forget(struct server *server, uint64_t id, uint64_t lookups)
{
	struct node *node = node_of(server, id);

	if (id == FUSE_ROOT_ID)
		return;
	node->lookups = lookups < node->lookups ? node->lookups - lookups : 0;
	if (node->lookups)
		return;
	struct node **link = bucket_of(server, node->inode);
	while (*link != node)
		link = &(*link)->next;
	*link = node->next;
	close(node->fd);
	free(node);
}

const char *node_path(const struct node *node)
{
	static char path[40];

	snprintf(path, sizeof path, "/proc/self/fd/%d", node->fd);
	return path;
}

int answer_node(const struct node *node, struct fuse_entry_out *out)
{
	struct stat status;

	if (fstatat(node->fd, "", &status, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) != 0)
		return -errno;
	*out = (struct fuse_entry_out){ .nodeid = (uint64_t)(uintptr_t)node };
	put_attributes(&out->attr, &status);
	return 0;
}

int answer_entry(struct server *server, struct call *call, const struct node *parent, const char *name)
{
	int fd = openat(parent->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	struct node *node = node_take(server, fd);
	if (!node)
		return -errno;
	int error = answer_node(node, (struct fuse_entry_out *)(void *)call->answer);
	if (error)
		node_forget(server, (uint64_t)(uintptr_t)node, 1);
	else
		call->answered = sizeof(struct fuse_entry_out);
	return error;
}

int give_to_caller(const struct call *call, const struct node *parent, const char *name)
{
	uid_t uid = call->header->uid;
	gid_t gid = call->header->gid;

	if ((uid == 0 && gid == 0) || fchownat(parent->fd, name, uid, gid, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	return -errno;
}

int serve_lookup(struct server *server, struct call *call)
{
	return answer_entry(server, call, node_of(server, call->header->nodeid), call->body);
}

/* What has been made, if it has. */
static int answer_made(struct server *server, struct call *call, int result, const char *name)
{
	const struct node *parent = node_of(server, call->header->nodeid);

	if (result != 0)
		return -errno;
	int error = give_to_caller(call, parent, name);
	return error ? error : answer_entry(server, call, parent, name);
}

int serve_mkdir(struct server *server, struct call *call)
{
	const struct fuse_mkdir_in *in = (const void *)call->body;
	const char *name = call->body + sizeof *in;

	return answer_made(server, call, mkdirat(node_of(server, call->header->nodeid)->fd, name, in->mode), name);
}

int serve_mknod(struct server *server, struct call *call)
{
	const struct fuse_mknod_in *in = (const void *)call->body;
	const char *name = call->body + sizeof *in;

	return answer_made(server, call, mknodat(node_of(server, call->header->nodeid)->fd, name, in->mode, in->rdev), name);
}

int serve_symlink(struct server *server, struct call *call)
{
	const char *name = call->body;
	const char *target = name + strlen(name) + 1;

	return answer_made(server, call, symlinkat(target, node_of(server, call->header->nodeid)->fd, name), name);
}

int serve_link(struct server *server, struct call *call)
{
	const struct fuse_link_in *in = (const void *)call->body;
	const char *name = call->body + sizeof *in;
	const struct node *parent = node_of(server, call->header->nodeid);

	if (linkat(AT_FDCWD, node_path(node_of(server, in->oldnodeid)), parent->fd, name, AT_SYMLINK_FOLLOW) != 0)
		return -errno;
	return answer_entry(server, call, parent, name);
}

static int remove_name(struct server *server, struct call *call, int flags)
{
	return unlinkat(node_of(server, call->header->nodeid)->fd, call->body, flags) == 0 ? 0 : -errno;
}

int serve_unlink(struct server *server, struct call *call)
{
	return remove_name(server, call, 0);
}

int serve_rmdir(struct server *server, struct call *call)
{
	return remove_name(server, call, AT_REMOVEDIR);
}

static int rename_names(struct server *server, struct call *call, uint64_t to_id, const char *from, unsigned flags)
{
	const char *to = from + strlen(from) + 1;
	int from_fd = node_of(server, call->header->nodeid)->fd, to_fd = node_of(server, to_id)->fd;

	return syscall(SYS_renameat2, from_fd, from, to_fd, to, flags) == 0 ? 0 : -errno;
}

int serve_rename(struct server *server, struct call *call)
{
	const struct fuse_rename_in *in = (const void *)call->body;

	return rename_names(server, call, in->newdir, call->body + sizeof *in, 0);
}

int serve_rename2(struct server *server, struct call *call)
{
	const struct fuse_rename2_in *in = (const void *)call->body;

	return rename_names(server, call, in->newdir, call->body + sizeof *in, in->flags);
}
