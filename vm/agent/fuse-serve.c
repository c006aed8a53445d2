/* The conversation with the kernel: its handshake, its requests one by one, and the answers. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fuse-server.h"
#include "fuse-watch.h"

/* A write, its header, and what goes before its data. */
#define LARGEST_REQUEST (LARGEST_WRITE + 4096)

static int do_nothing(struct server *server, struct call *call)
{
	(void)server;
	(void)call;
	return 0;
}

static int serve_ioctl(struct server *server, struct call *call)
{
	(void)server;
	(void)call;
	return -ENOTTY;
}

/* What is asked for is asked of any kernel that knows of it: what comes of it is for the kernel to say. */
static int serve_init(struct server *server, struct call *call)
{
	struct init_request in = { 0 };
	struct init_answer *out = (void *)call->answer;
	uint32_t wanted = FUSE_ASYNC_READ | FUSE_BIG_WRITES | FUSE_PARALLEL_DIROPS | EXTENDED_FLAGS;

	memcpy(&in, call->body, call->length < sizeof in ? call->length : sizeof in);
	if (in.major != FUSE_KERNEL_VERSION)
		return -EPROTO;
	if (server->options.writeback_cache)
		wanted |= FUSE_WRITEBACK_CACHE;
	*out = (struct init_answer){
		.major = FUSE_KERNEL_VERSION,
		.minor = in.minor < MINOR_VERSION ? in.minor : MINOR_VERSION,
		.max_readahead = in.max_readahead,
		.flags = in.flags & wanted,
		.max_background = 16,
		.congestion_threshold = 12,
		.max_write = LARGEST_WRITE,
		.time_gran = 1,
	};
	if (server->options.passthrough && (in.flags & EXTENDED_FLAGS)) {
		out->flags2 = in.flags2 & EXTENDED_PASSTHROUGH;
		out->max_stack_depth = server->options.max_stack_depth;
	}
	call->answered = sizeof *out;
	return 0;
}

/*
 * Not FUSE_TMPFILE: overlayfs keeps the nameless dentry of a file that it has copied up so, asks for it by that name, and
 * gives ESTALE (overlayfs/super.c:ovl_revalidate_real). Without it it renames.
 */
static const struct {
	handler *serve;
	/* Least bytes behind the header; names come besides, and end in a NUL. */
	size_t least;
} calls[] = {
	[FUSE_LOOKUP] = { serve_lookup, 1 },
	[FUSE_GETATTR] = { serve_getattr, 0 },
	[FUSE_SETATTR] = { serve_setattr, sizeof(struct fuse_setattr_in) },
	[FUSE_READLINK] = { serve_readlink, 0 },
	[FUSE_SYMLINK] = { serve_symlink, 2 },
	[FUSE_MKNOD] = { serve_mknod, sizeof(struct fuse_mknod_in) + 1 },
	[FUSE_MKDIR] = { serve_mkdir, sizeof(struct fuse_mkdir_in) + 1 },
	[FUSE_UNLINK] = { serve_unlink, 1 },
	[FUSE_RMDIR] = { serve_rmdir, 1 },
	[FUSE_RENAME] = { serve_rename, sizeof(struct fuse_rename_in) + 2 },
	[FUSE_RENAME2] = { serve_rename2, sizeof(struct fuse_rename2_in) + 2 },
	[FUSE_LINK] = { serve_link, sizeof(struct fuse_link_in) + 1 },
	[FUSE_OPEN] = { serve_open, sizeof(struct fuse_open_in) },
	[FUSE_READ] = { serve_read, sizeof(struct fuse_read_in) },
	[FUSE_WRITE] = { serve_write, sizeof(struct fuse_write_in) },
	[FUSE_STATFS] = { serve_statfs, 0 },
	[FUSE_RELEASE] = { serve_release, sizeof(struct fuse_release_in) },
	[FUSE_FSYNC] = { serve_fsync, sizeof(struct fuse_fsync_in) },
	[FUSE_SETXATTR] = { serve_setxattr, 2 * sizeof(uint32_t) + 1 },
	[FUSE_GETXATTR] = { serve_getxattr, sizeof(struct fuse_getxattr_in) + 1 },
	[FUSE_LISTXATTR] = { serve_listxattr, sizeof(struct fuse_getxattr_in) },
	[FUSE_REMOVEXATTR] = { serve_removexattr, 1 },
	[FUSE_FLUSH] = { do_nothing, 0 },
	[FUSE_INIT] = { serve_init, 16 },
	[FUSE_OPENDIR] = { serve_opendir, 0 },
	[FUSE_READDIR] = { serve_readdir, sizeof(struct fuse_read_in) },
	[FUSE_RELEASEDIR] = { serve_releasedir, sizeof(struct fuse_release_in) },
	[FUSE_FSYNCDIR] = { serve_fsync, sizeof(struct fuse_fsync_in) },
	[FUSE_CREATE] = { serve_create, sizeof(struct fuse_create_in) + 1 },
	[FUSE_DESTROY] = { do_nothing, 0 },
	[FUSE_IOCTL] = { serve_ioctl, 0 },
	[FUSE_FALLOCATE] = { serve_fallocate, sizeof(struct fuse_fallocate_in) },
	[FUSE_LSEEK] = { serve_lseek, sizeof(struct fuse_lseek_in) },
};

static int dispatch(struct server *server, struct call *call)
{
	uint32_t opcode = call->header->opcode;

	if (opcode >= sizeof calls / sizeof *calls || !calls[opcode].serve)
		return -ENOSYS;
	if (call->length < calls[opcode].least)
		return -EPROTO;
	return calls[opcode].serve(server, call);
}

/* These have no answer. */
static bool is_notice(struct server *server, const struct call *call)
{
	const struct fuse_forget_in *one = (const void *)call->body;
	const struct fuse_batch_forget_in *batch = (const void *)call->body;

	switch (call->header->opcode) {
	case FUSE_FORGET:
		node_forget(server, call->header->nodeid, one->nlookup);
		return true;
	case FUSE_BATCH_FORGET:
		for (uint32_t i = 0; i < batch->count; i++) {
			const struct fuse_forget_one *each = (const struct fuse_forget_one *)(const void *)(batch + 1) + i;
			node_forget(server, each->nodeid, each->nlookup);
		}
		return true;
	case FUSE_INTERRUPT: /* what is interrupted is answered all the same */
		return true;
	default:
		return false;
	}
}

static void answer(const struct server *server, struct call *call, int error)
{
	struct fuse_out_header header = { .error = error, .unique = call->header->unique };
	struct iovec parts[2] = { { &header, sizeof header }, { call->answer, error ? 0 : call->answered } };

	header.len = (uint32_t)(sizeof header + parts[1].iov_len);
	/* ENOENT: the caller has been killed meanwhile. */
	if (writev(server->fuse, parts, 2) < 0 && errno != ENOENT && errno != ENODEV)
		_exit(1);
}

_Noreturn void serve(struct server *server, void (*ready)(int error, const char *call))
{
	/* As the kernel aligns them; a NUL stays behind every request, so that no name is without an end. */
	static union {
		struct fuse_in_header header;
		char bytes[LARGEST_REQUEST + 8];
	} request;
	static uint64_t room[LARGEST_WRITE / sizeof(uint64_t) + 512];

	for (;;) {
		ssize_t length = read(server->fuse, request.bytes, LARGEST_REQUEST);
		/* EINTR, EAGAIN, ENOENT: the request is gone, not the filesystem. */
		if (length < 0 && (errno == EINTR || errno == EAGAIN || errno == ENOENT))
			continue;
		if (length < 0 && errno == ENODEV) {
			watch_retire();
			_exit(0);
		}
		if (length < (ssize_t)sizeof request.header)
			_exit(1);
		request.bytes[length] = '\0';
		struct call call = {
			.header = &request.header,
			.body = request.bytes + sizeof request.header,
			.length = (size_t)length - sizeof request.header,
			.answer = (char *)room,
		};
		watch_begin(request.header.opcode);
		if (!is_notice(server, &call)) {
			int error = dispatch(server, &call);
			answer(server, &call, error);
			/* What the answer decides, the depth of the superblock among it, is decided when the write returns. */
			if (request.header.opcode == FUSE_INIT) {
				errno = -error;
				ready(errno, "FUSE_INIT");
			}
		}
		watch_end();
	}
}
