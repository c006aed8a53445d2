/* Swap on a compressed device in memory. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <unistd.h>

#include "agent.h"
#include "pressure.h"

#define ZRAM "/dev/zram0"
#define PAGE 4096

static bool put(const char *attribute, const char *value)
{
	char path[100];

	snprintf(path, sizeof path, "/sys/block/zram0/%s", attribute);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool good = fd >= 0 && write(fd, value, strlen(value)) >= 0;
	int error = errno;
	if (fd >= 0)
		close(fd);
	errno = error;
	return good;
}

/* What mkswap writes: include/linux/swap.h, union swap_header, version 1. */
static bool write_header(int64_t size_bytes, struct outcome *outcome)
{
	unsigned char page[PAGE] = { 0 };
	uint32_t fields[] = { 1, (uint32_t)(size_bytes / PAGE - 1) };
	int fd = open(ZRAM, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return failed(outcome, "open(" ZRAM ")");
	memcpy(page + 1024, fields, sizeof fields);
	memcpy(page + PAGE - 10, "SWAPSPACE2", 10);
	bool good = (write(fd, page, sizeof page) == sizeof page && fsync(fd) == 0) || failed(outcome, "write(" ZRAM ")");
	return (close(fd) == 0 || (good && failed(outcome, "close(" ZRAM ")"))) && good;
}

bool swap_operation(const struct operation *operation, struct outcome *outcome)
{
	char size[32];

	snprintf(size, sizeof size, "%lld", (long long)operation->bytes);
	if (!put("disksize", size))
		return failed(outcome, "disksize");
	created(ZRAM);
	return write_header(operation->bytes, outcome) && (swapon(ZRAM, 0) == 0 || failed(outcome, "swapon"));
}

bool is_zram(const char *path)
{
	return strcmp(path, ZRAM) == 0;
}

bool remove_zram(const char *path)
{
	char size[32] = "";

	if (read_small_file("/sys/block/zram0/disksize", size, sizeof size) && strcmp(size, "0\n") == 0)
		return true;
	/* EINVAL: it is no swap (any more). */
	return (swapoff(path) == 0 || errno == EINVAL) && put("reset", "1");
}
