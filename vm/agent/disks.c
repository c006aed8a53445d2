/* Links from slots to disks, for names that the kernel gives out in whichever order its probes come through. */
#include <dirent.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent.h"
#include "boot.h"

#define DISK_LINKS "/run/fathom/disk"

/* /sys/block/sdX/device is …/HOST:CHANNEL:TARGET:LUN, and the target is the slot. */
static int slot_of_scsi(const char *disk)
{
	char path[300], target[PATH_MAX];
	int slot;

	snprintf(path, sizeof path, "/sys/block/%s/device", disk);
	ssize_t length = readlink(path, target, sizeof target - 1);
	if (length < 0)
		return -1;
	target[length] = '\0';
	return sscanf(basename(target), "%*d:%*d:%d:", &slot) == 1 ? slot : -1;
}

/* Namespaces count from 1. */
static int slot_of_nvme(const char *disk)
{
	char path[300], text[32];
	int number;

	snprintf(path, sizeof path, "/sys/block/%s/nsid", disk);
	return read_small_file(path, text, sizeof text) && sscanf(text, "%d", &number) == 1 ? number - 1 : -1;
}

void boot_link_disks(void)
{
	DIR *blocks = opendir("/sys/block");
	char node[300], link[100];

	mkdir(DISK_LINKS, 0755);
	for (struct dirent *entry; blocks && (entry = readdir(blocks));) {
		const char *name = entry->d_name;
		int slot = strncmp(name, "sd", 2) == 0	   ? slot_of_scsi(name)
			   : strncmp(name, "nvme", 4) == 0 ? slot_of_nvme(name)
							   : -1;
		if (slot < 0)
			continue;
		snprintf(node, sizeof node, "/dev/%s", name);
		snprintf(link, sizeof link, "%s/%d", DISK_LINKS, slot);
		(void)!symlink(node, link);
	}
	if (blocks)
		closedir(blocks);
}
