/* dm-verity devices by the ioctls of device mapper: Documentation/admin-guide/device-mapper/verity.rst. */
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "pressure.h"

#define NODES "/dev/mapper/"

struct request_to_dm {
	struct dm_ioctl header;
	struct dm_target_spec target;
	char parameters[2 * 4096 + 1024];
};

static int ask(int control, unsigned long command, struct request_to_dm *request, const char *name, unsigned flags)
{
	request->header = (struct dm_ioctl){
		.version = { 4, 0, 0 },
		.data_size = sizeof *request,
		.data_start = offsetof(struct request_to_dm, target),
		.target_count = 1,
		.flags = flags,
	};
	snprintf(request->header.name, sizeof request->header.name, "%s", name);
	return ioctl(control, command, request);
}

static bool load(int control, const struct operation *operation, struct outcome *outcome)
{
	static struct request_to_dm request;
	const char *name = operation->name;

	request.target = (struct dm_target_spec){ .length = (uint64_t)(operation->data_blocks * operation->block_bytes / 512) };
	strcpy(request.target.target_type, "verity");
	int length = snprintf(request.parameters, sizeof request.parameters, "1 %s %s %lld %lld %lld %lld %s %s %s", operation->data,
			      operation->hash, (long long)operation->block_bytes, (long long)operation->block_bytes,
			      (long long)operation->data_blocks, (long long)operation->hash_start_block, operation->algorithm,
			      operation->root_hash, *operation->salt ? operation->salt : "-");
	if (length >= (int)sizeof request.parameters) {
		errno = E2BIG;
		return failed(outcome, "DM_TABLE_LOAD");
	}
	if (ask(control, DM_TABLE_LOAD, &request, name, DM_READONLY_FLAG) != 0)
		return failed(outcome, "DM_TABLE_LOAD");
	/* Without DM_SUSPEND_FLAG this resumes, with the table just loaded. */
	return ask(control, DM_DEV_SUSPEND, &request, name, 0) == 0 || failed(outcome, "DM_DEV_SUSPEND");
}

static bool make(int control, const struct operation *operation, struct outcome *outcome)
{
	static struct request_to_dm request;
	char node[200];

	snprintf(node, sizeof node, NODES "%s", operation->name);
	if (ask(control, DM_DEV_CREATE, &request, operation->name, 0) != 0)
		return failed(outcome, "DM_DEV_CREATE");
	dev_t device = makedev((unsigned)(request.header.dev >> 8 & 0xfff),
			       (unsigned)((request.header.dev & 0xff) | (request.header.dev >> 12 & 0xfff00)));
	bool good = load(control, operation, outcome);
	if (good && mknod(node, S_IFBLK | 0600, device) != 0)
		good = failed(outcome, "mknod");
	if (!good) {
		ask(control, DM_DEV_REMOVE, &request, operation->name, 0);
		return false;
	}
	created(node);
	json_member_string(&outcome->members, "device", node);
	return true;
}

bool verity_operation(const struct operation *operation, struct outcome *outcome)
{
	int control = open(NODES "control", O_RDWR | O_CLOEXEC);

	if (control < 0)
		return failed(outcome, "open(" NODES "control)");
	bool good = make(control, operation, outcome);
	close(control);
	return good;
}

bool is_mapped(const char *path)
{
	struct stat status;

	return strncmp(path, NODES, strlen(NODES)) == 0 && lstat(path, &status) == 0 && S_ISBLK(status.st_mode);
}

bool remove_mapped(const char *path)
{
	static struct request_to_dm request;
	int control = open(NODES "control", O_RDWR | O_CLOEXEC);

	if (control < 0)
		return false;
	bool gone = ask(control, DM_DEV_REMOVE, &request, path + strlen(NODES), 0) == 0 || errno == ENXIO;
	int error = errno;
	close(control);
	errno = error;
	return gone && unlink(path) == 0;
}
