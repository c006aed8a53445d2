/* Attributes of the files of a FUSE daemon, extended ones too. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "fuse-server.h"

void put_attributes(struct fuse_attr *out, const struct stat *status)
{
	*out = (struct fuse_attr){
		.ino = status->st_ino,
		.size = (uint64_t)status->st_size,
		.blocks = (uint64_t)status->st_blocks,
		.atime = (uint64_t)status->st_atim.tv_sec,
		.mtime = (uint64_t)status->st_mtim.tv_sec,
		.ctime = (uint64_t)status->st_ctim.tv_sec,
		.atimensec = (uint32_t)status->st_atim.tv_nsec,
		.mtimensec = (uint32_t)status->st_mtim.tv_nsec,
		.ctimensec = (uint32_t)status->st_ctim.tv_nsec,
		.mode = status->st_mode,
		.nlink = (uint32_t)status->st_nlink,
		.uid = status->st_uid,
		.gid = status->st_gid,
		/* As the kernel's new_encode_dev. */
		.rdev = (minor(status->st_rdev) & 0xff) | (major(status->st_rdev) << 8) | ((minor(status->st_rdev) & ~0xffu) << 12),
		.blksize = (uint32_t)status->st_blksize,
	};
}

/* Nothing is cached: the directory may change without the kernel's asking here. */
static int answer_attributes(const struct node *node, struct call *call)
{
	struct fuse_attr_out *out = (void *)call->answer;
	struct stat status;

	if (fstatat(node->fd, "", &status, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) != 0)
		return -errno;
	*out = (struct fuse_attr_out){ 0 };
	put_attributes(&out->attr, &status);
	call->answered = sizeof *out;
	return 0;
}

int serve_getattr(struct server *server, struct call *call)
{
	return answer_attributes(node_of(server, call->header->nodeid), call);
}

static struct timespec time_of(uint32_t valid, uint32_t given, uint32_t now, uint64_t seconds, uint32_t nanoseconds)
{
	struct timespec time = { .tv_sec = (time_t)seconds, .tv_nsec = nanoseconds };

	if (valid & now)
		time.tv_nsec = UTIME_NOW;
	else if (!(valid & given))
		time.tv_nsec = UTIME_OMIT;
	return time;
}

static int set_attributes(const struct node *node, const struct fuse_setattr_in *in)
{
	const uint32_t owner = FATTR_UID | FATTR_GID;

	if ((in->valid & FATTR_MODE) && fchmodat(AT_FDCWD, node_path(node), in->mode & 07777, 0) != 0)
		return -errno;
	if ((in->valid & owner) && fchownat(node->fd, "", in->valid & FATTR_UID ? in->uid : (uid_t)-1,
					    in->valid & FATTR_GID ? in->gid : (gid_t)-1, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) != 0)
		return -errno;
	if ((in->valid & FATTR_SIZE) && truncate(node_path(node), (off_t)in->size) != 0)
		return -errno;
	if (in->valid & (FATTR_ATIME | FATTR_MTIME)) {
		const struct timespec times[2] = {
			time_of(in->valid, FATTR_ATIME, FATTR_ATIME_NOW, in->atime, in->atimensec),
			time_of(in->valid, FATTR_MTIME, FATTR_MTIME_NOW, in->mtime, in->mtimensec),
		};
		if (utimensat(AT_FDCWD, node_path(node), times, 0) != 0)
			return -errno;
	}
	return 0;
}

int serve_setattr(struct server *server, struct call *call)
{
	const struct node *node = node_of(server, call->header->nodeid);
	int error = set_attributes(node, (const void *)call->body);

	return error ? error : answer_attributes(node, call);
}

int serve_readlink(struct server *server, struct call *call)
{
	ssize_t length = readlinkat(node_of(server, call->header->nodeid)->fd, "", call->answer, 4096);

	if (length < 0)
		return -errno;
	call->answered = (size_t)length;
	return 0;
}

int serve_statfs(struct server *server, struct call *call)
{
	struct fuse_statfs_out *out = (void *)call->answer;
	struct statvfs status;

	if (fstatvfs(node_of(server, call->header->nodeid)->fd, &status) != 0)
		return -errno;
	*out = (struct fuse_statfs_out){ .st = {
						 .blocks = status.f_blocks,
						 .bfree = status.f_bfree,
						 .bavail = status.f_bavail,
						 .files = status.f_files,
						 .ffree = status.f_ffree,
						 .bsize = (uint32_t)status.f_bsize,
						 .namelen = (uint32_t)status.f_namemax,
						 .frsize = (uint32_t)status.f_frsize,
					 } };
	call->answered = sizeof *out;
	return 0;
}

/* The size alone, if the kernel has no room yet. */
static int answer_sized(struct call *call, uint32_t room, ssize_t length)
{
	if (length < 0)
		return -errno;
	if (room) {
		call->answered = (size_t)length;
	} else {
		*(struct fuse_getxattr_out *)(void *)call->answer = (struct fuse_getxattr_out){ .size = (uint32_t)length };
		call->answered = sizeof(struct fuse_getxattr_out);
	}
	return 0;
}

/* The kernel asks for at most XATTR_LIST_MAX. */
static uint32_t room_of(uint32_t size)
{
	return size < LARGEST_WRITE ? size : LARGEST_WRITE;
}

int serve_getxattr(struct server *server, struct call *call)
{
	const struct fuse_getxattr_in *in = (const void *)call->body;
	const char *path = node_path(node_of(server, call->header->nodeid));

	return answer_sized(call, in->size, getxattr(path, call->body + sizeof *in, call->answer, room_of(in->size)));
}

int serve_listxattr(struct server *server, struct call *call)
{
	const struct fuse_getxattr_in *in = (const void *)call->body;
	const char *path = node_path(node_of(server, call->header->nodeid));

	return answer_sized(call, in->size, listxattr(path, call->answer, room_of(in->size)));
}

int serve_setxattr(struct server *server, struct call *call)
{
	/* struct fuse_setxattr_in as it is without FUSE_SETXATTR_EXT. */
	const uint32_t *in = (const void *)call->body;
	const char *name = call->body + 2 * sizeof *in;

	return setxattr(node_path(node_of(server, call->header->nodeid)), name, name + strlen(name) + 1, in[0], (int)in[1]) == 0 ? 0 : -errno;
}

int serve_removexattr(struct server *server, struct call *call)
{
	return removexattr(node_path(node_of(server, call->header->nodeid)), call->body) == 0 ? 0 : -errno;
}
