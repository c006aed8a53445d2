/* A filesystem that loses what was written to it: shut down before it is on its disk. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "operations.h"

/* FS_IOC_SHUTDOWN, XFS_IOC_GOINGDOWN, EXT4_IOC_SHUTDOWN: one number, of no header that every libc has. */
#define SHUTDOWN _IOR('X', 125, uint32_t)
#define WITHOUT_FLUSHING_THE_LOG 2u

/* sync(2) finds that nothing can be written; nobody has asked for that error then. */
bool lose_writes_operation(const struct operation *operation, struct outcome *outcome)
{
	char path[4200];
	uint32_t how = WITHOUT_FLUSHING_THE_LOG;

	snprintf(path, sizeof path, "%s/lost", operation->path);
	int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (file < 0)
		return failed(outcome, "open");
	bool good = (write(file, "lost\n", 5) == 5 || failed(outcome, "write")) &&
		    (ioctl(file, SHUTDOWN, &how) == 0 || failed(outcome, "FS_IOC_SHUTDOWN"));
	if (good)
		sync();
	close(file);
	return good;
}
