/*
 * A FUSE daemon that passes a directory through. One process and one request at a time: what it stands on is never
 * itself, so no request of its own waits for another.
 */
#ifndef FATHOM_FUSE_SERVER_H
#define FATHOM_FUSE_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "fuse-protocol.h"

#define LARGEST_WRITE (128 * 1024)

struct daemon_options {
	bool passthrough; /* asks for it, whatever may come of it */
	uint32_t max_stack_depth;
	bool writeback_cache;
};

/* A file of the directory that the kernel knows of; its id is its address, and that of the root FUSE_ROOT_ID. */
struct node {
	int fd; /* O_PATH */
	dev_t device;
	ino_t inode;
	uint64_t lookups;
	/* The kernel wants one backing file for all that have the file open at once; 0: none. */
	int32_t backing_id;
	unsigned backing_users;
	struct node *next;
};

#define NODE_BUCKETS 4096

struct server {
	int fuse;
	struct daemon_options options;
	struct node root;
	struct node *nodes[NODE_BUCKETS];
};

/* One request, its body behind the header, and room for the answer. */
struct call {
	const struct fuse_in_header *header;
	const char *body;
	size_t length;
	char *answer;
	size_t answered; /* bytes of the answer */
};

/* What each request does: 0, or a negative errno. */
typedef int handler(struct server *server, struct call *call);

handler serve_lookup, serve_mkdir, serve_mknod, serve_symlink, serve_link, serve_unlink, serve_rmdir, serve_rename, serve_rename2;
handler serve_getattr, serve_setattr, serve_readlink, serve_statfs;
handler serve_getxattr, serve_setxattr, serve_listxattr, serve_removexattr;
handler serve_open, serve_create, serve_read, serve_write, serve_release, serve_fsync, serve_fallocate, serve_lseek;
handler serve_opendir, serve_readdir, serve_releasedir;

/* Does what the kernel asks until the filesystem is gone. `ready` is told once, after the handshake. */
_Noreturn void serve(struct server *server, void (*ready)(int error, const char *call));

struct node *node_of(struct server *server, uint64_t id);
/* The file behind an O_PATH descriptor, which it takes; counts one lookup. NULL, with errno, if it cannot be had. */
struct node *node_take(struct server *server, int fd);
void node_forget(struct server *server, uint64_t id, uint64_t lookups);
/* `/proc/self/fd/N`, for calls that take no descriptor. Valid until the next call. */
const char *node_path(const struct node *node);

/* The entry of a name, as an answer. */
int answer_entry(struct server *server, struct call *call, const struct node *parent, const char *name);
int answer_node(const struct node *node, struct fuse_entry_out *out);
/* A new file's owner is who asked for it. */
int give_to_caller(const struct call *call, const struct node *parent, const char *name);
void put_attributes(struct fuse_attr *out, const struct stat *status);

#endif
