/* fs-verity: Documentation/filesystems/fsverity.rst. */
#include <fcntl.h>
#include <linux/fsverity.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "operations.h"

bool fsverity_operation(const struct operation *operation, struct outcome *outcome)
{
	struct fsverity_enable_arg argument = { .version = 1, .hash_algorithm = FS_VERITY_HASH_ALG_SHA256, .block_size = 4096 };
	int fd = open(operation->path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return failed(outcome, "open");
	bool good = ioctl(fd, FS_IOC_ENABLE_VERITY, &argument) == 0 || failed(outcome, "FS_IOC_ENABLE_VERITY");
	close(fd);
	return good;
}
