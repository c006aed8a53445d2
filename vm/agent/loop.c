/* Loop devices: attached with LOOP_CONFIGURE (5.8) or LOOP_SET_FD, never with autoclear, and marked as this agent's. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/loop.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent.h"
#include "operations.h"

/* In lo_file_name, which nothing else reads: what tells our devices from those of others on the same machine. */
static int put_mark(char *out, size_t size, const char *name)
{
	return snprintf(out, size, "fathom-%d/%s", (int)agent_pid, name);
}

static int configure(int device, int file, const struct loop_info64 *info, struct outcome *outcome)
{
	struct loop_config config = { .fd = (unsigned)file, .info = *info };
	struct loop_config probe = { .fd = (unsigned)-1 };

	if (ioctl(device, LOOP_CONFIGURE, &config) == 0)
		return 0;
	failed(outcome, "LOOP_CONFIGURE");
	if (outcome->error != EINVAL)
		return -1;
	/* Kernels before 5.8 say EINVAL to anything; later ones say EBADF to a bad descriptor. */
	if (ioctl(device, LOOP_CONFIGURE, &probe) == 0 || errno != EINVAL)
		return -1;
	if (ioctl(device, LOOP_SET_FD, file) != 0) {
		failed(outcome, "LOOP_SET_FD");
		return -1;
	}
	if (ioctl(device, LOOP_SET_STATUS64, info) != 0)
		failed(outcome, "LOOP_SET_STATUS64");
	else if (!(info->lo_flags & LO_FLAGS_DIRECT_IO) || ioctl(device, LOOP_SET_DIRECT_IO, 1UL) == 0)
		return 0;
	else
		failed(outcome, "LOOP_SET_DIRECT_IO");
	ioctl(device, LOOP_CLR_FD, 0);
	return -1;
}

/* devtmpfs has the node at once; elsewhere something in user space has to make it. */
static int open_device(const char *path, int flags)
{
	for (int tries = 0;; tries++) {
		int device = open(path, flags | O_CLOEXEC);
		if (device >= 0 || errno != ENOENT || tries == 1000)
			return device;
		usleep(1000);
	}
}

/* A free device with the file in it, or -1. Another process may take the one that was free: then the next is tried. */
static int attach(int file, const struct operation *operation, char path[32], struct outcome *outcome)
{
	struct loop_info64 info = { .lo_flags = (operation->rdonly ? (unsigned)LO_FLAGS_READ_ONLY : 0) |
						(operation->direct_io ? (unsigned)LO_FLAGS_DIRECT_IO : 0) };
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);

	if (control < 0) {
		failed(outcome, "open(/dev/loop-control)");
		return -1;
	}
	put_mark((char *)info.lo_file_name, sizeof info.lo_file_name, operation->name);
	for (int tries = 0; tries < 100; tries++) {
		int number = ioctl(control, LOOP_CTL_GET_FREE);
		if (number < 0) {
			failed(outcome, "LOOP_CTL_GET_FREE");
			break;
		}
		snprintf(path, 32, "/dev/loop%d", number);
		int device = open_device(path, operation->rdonly ? O_RDONLY : O_RDWR);
		if (device < 0) {
			failed(outcome, "open(/dev/loop)");
			break;
		}
		if (configure(device, file, &info, outcome) == 0) {
			close(control);
			return device;
		}
		close(device);
		if (outcome->error != EBUSY)
			break;
	}
	close(control);
	return -1;
}

static void put_link(char out[128], const char *name)
{
	snprintf(out, 128, "%s/%s", LOOP_LINKS, name);
}

/* What has come of the wish for direct I/O: the kernel drops it without a word. */
static bool put_direct_io(int device, struct outcome *outcome)
{
	struct loop_info64 info;

	if (ioctl(device, LOOP_GET_STATUS64, &info) != 0)
		return failed(outcome, "LOOP_GET_STATUS64");
	text_put(&outcome->members, info.lo_flags & LO_FLAGS_DIRECT_IO ? ",\"directIo\":true" : ",\"directIo\":false");
	return true;
}

bool loop_operation(const struct operation *operation, struct outcome *outcome)
{
	char path[32], link[128];

	put_link(link, operation->name);
	/* Usually there already; if they cannot be made, symlink(2) tells. */
	mkdir("/run/fathom", 0755);
	mkdir(LOOP_LINKS, 0755);
	int file = open(operation->path, (operation->rdonly ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	if (file < 0)
		return failed(outcome, "open");
	int device = attach(file, operation, path, outcome);
	close(file);
	if (device < 0)
		return false;
	bool good = symlink(path, link) == 0 || failed(outcome, "symlink");
	if (good) {
		created(link);
		json_member_string(&outcome->members, "device", path);
		good = put_direct_io(device, outcome);
	} else {
		ioctl(device, LOOP_CLR_FD, 0);
	}
	close(device);
	return good;
}

bool loop_detach_operation(const struct operation *operation, struct outcome *outcome)
{
	char path[PATH_MAX], link[128];

	put_link(link, operation->name);
	ssize_t length = readlink(link, path, sizeof path - 1);
	if (length < 0)
		return failed(outcome, "readlink");
	path[length] = '\0';
	int device = open(path, O_RDONLY | O_CLOEXEC);
	if (device < 0)
		return failed(outcome, "open");
	bool good = ioctl(device, LOOP_CLR_FD, 0) == 0 || failed(outcome, "LOOP_CLR_FD");
	close(device);
	if (good && !operation->keep_name)
		unlink(link);
	json_member_string(&outcome->members, "device", path);
	return good;
}

static bool is_ours(int device)
{
	struct loop_info64 info;
	char mark[LO_NAME_SIZE];
	int length = put_mark(mark, sizeof mark, "");

	return ioctl(device, LOOP_GET_STATUS64, &info) == 0 && strncmp((const char *)info.lo_file_name, mark, (size_t)length) == 0;
}

void detach_loops(void (*report)(const char *device))
{
	DIR *blocks = opendir("/sys/block");

	for (struct dirent *entry; blocks && (entry = readdir(blocks));) {
		char backing[300], path[300];
		if (strncmp(entry->d_name, "loop", 4) != 0)
			continue;
		snprintf(backing, sizeof backing, "/sys/block/%s/loop", entry->d_name);
		snprintf(path, sizeof path, "/dev/%s", entry->d_name);
		if (access(backing, F_OK) != 0)
			continue;
		int device = open(path, O_RDONLY | O_CLOEXEC);
		if (device < 0)
			continue;
		bool ours = is_ours(device);
		if (ours)
			ioctl(device, LOOP_CLR_FD, 0);
		close(device); /* a device that was open elsewhere is let go by its last close */
		if (ours && access(backing, F_OK) == 0)
			report(path);
	}
	if (blocks)
		closedir(blocks);
}
