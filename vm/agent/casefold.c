/* Directories that fold case. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "operations.h"

#ifndef FS_CASEFOLD_FL
#define FS_CASEFOLD_FL 0x40000000
#endif

/* The directory must be empty; one that folds case already is left as it is. */
bool casefold_operation(const struct operation *operation, struct outcome *outcome)
{
	int directory = open(operation->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), flags = 0;

	if (directory < 0)
		return failed(outcome, "open");
	bool good = ioctl(directory, FS_IOC_GETFLAGS, &flags) == 0 || failed(outcome, "FS_IOC_GETFLAGS");
	if (good && !(flags & FS_CASEFOLD_FL)) {
		flags |= FS_CASEFOLD_FL;
		good = ioctl(directory, FS_IOC_SETFLAGS, &flags) == 0 || failed(outcome, "FS_IOC_SETFLAGS");
	}
	close(directory);
	return good;
}
