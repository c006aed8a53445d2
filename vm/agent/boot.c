#include "boot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "agent.h"
#include "errno-name.h"
#include "kmsg.h"
#include "operations.h"

static const struct {
	const char *fstype, *target;
} mounts[] = {
	{ "proc", "/proc" },
	{ "sysfs", "/sys" },
	{ "devtmpfs", "/dev" },
	{ "tmpfs", "/run" },
	/* Those two are not in every kernel; a plan that needs them says so. */
	{ "tracefs", "/sys/kernel/tracing" },
	{ "cgroup2", "/sys/fs/cgroup" },
};

/* Groups below the root can then limit memory. Where that is not to be had, the operation that needs it says so. */
static void share_memory_controller(void)
{
	int fd = open("/sys/fs/cgroup/cgroup.subtree_control", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)!write(fd, "+memory", 7);
	close(fd);
}

void boot_mount_all(void)
{
	for (size_t i = 0; i < sizeof mounts / sizeof *mounts; i++) {
		mkdir(mounts[i].target, 0755);
		if (mount(mounts[i].fstype, mounts[i].target, mounts[i].fstype, MS_NOSUID | MS_NOEXEC, NULL) != 0 && i < 4) {
			char words[200];
			int length = snprintf(words, sizeof words, "fathom: cannot mount %s on %s: %s", mounts[i].fstype,
					      mounts[i].target, errno_name(errno));
			kmsg_write(LEVEL_INFO, words, (size_t)length);
		}
	}
	share_memory_controller();
	mkdir("/run/fathom", 0755);
	mkdir(LOOP_LINKS, 0755);
}

/* What the kernel has said since the last call, as JSON strings. */
static void put_reasons(struct kmsg *kmsg, struct text *out)
{
	static struct record record;
	const char *comma = "";

	while (kmsg_read(kmsg, &record)) {
		if (!out)
			continue;
		text_put(out, comma);
		json_put_string(out, record.text, record.length);
		comma = ",";
	}
}

static int load(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int error = 0;

	if (fd < 0)
		return errno;
	if (syscall(SYS_finit_module, fd, "", 0) != 0)
		error = errno;
	close(fd);
	return error;
}

static void put_module(struct kmsg *kmsg, const char *file, struct text *out)
{
	char path[300];
	const char *name = strchr(file, '-');
	name = name ? name + 1 : file;
	const char *suffix = strstr(name, ".ko");

	snprintf(path, sizeof path, "/modules/%s", file);
	put_reasons(kmsg, NULL);
	int error = load(path);
	unlink(path);
	text_put(out, out->length ? ",{\"name\":" : "{\"name\":");
	json_put_string(out, name, suffix ? (size_t)(suffix - name) : strlen(name));
	text_put(out, error ? ",\"ok\":false" : ",\"ok\":true");
	if (error) {
		json_member_string(out, "errno", errno_name(error));
		text_put(out, ",\"messages\":[");
		put_reasons(kmsg, out);
		text_put(out, "]");
	}
	text_put(out, "}");
}

void boot_load_modules(struct text *modules)
{
	FILE *order = fopen("/modules/order", "re");
	char file[256];
	struct kmsg kmsg;

	if (!order)
		return;
	kmsg_open(&kmsg);
	while (fgets(file, sizeof file, order)) {
		file[strcspn(file, "\n")] = '\0';
		put_module(&kmsg, file, modules);
	}
	kmsg_close(&kmsg);
	fclose(order);
}

static int try_port(const char *name)
{
	DIR *ports = opendir("/sys/class/virtio-ports");
	int port = -1;

	for (struct dirent *entry; ports && port < 0 && (entry = readdir(ports));) {
		char path[300], found[128];
		snprintf(path, sizeof path, "/sys/class/virtio-ports/%s/name", entry->d_name);
		if (!read_small_file(path, found, sizeof found))
			continue;
		found[strcspn(found, "\n")] = '\0';
		if (strcmp(found, name) != 0)
			continue;
		snprintf(path, sizeof path, "/dev/%s", entry->d_name);
		port = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	}
	if (ports)
		closedir(ports);
	return port;
}

int boot_open_port(const char *name)
{
	struct timespec pause = { .tv_nsec = 1000000 };

	for (int tries = 0;; tries++) {
		int port = try_port(name);
		if (port >= 0) {
			/* SIGIO tells when the host comes or goes; poll(2) alone could only spin without one. */
			fcntl(port, F_SETOWN, getpid());
			fcntl(port, F_SETFL, O_NONBLOCK | O_ASYNC);
			return port;
		}
		if (tries == 5000) {
			char words[100];
			int length = snprintf(words, sizeof words, "fathom: still no virtio port named %s", name);
			kmsg_write(LEVEL_INFO, words, (size_t)length);
			pause.tv_nsec = 100000000;
		}
		nanosleep(&pause, NULL);
	}
}

void boot_raise_console_level(void)
{
	klogctl(8 /* SYSLOG_ACTION_CONSOLE_LEVEL */, NULL, 7);
}

static void forget(const char *disk)
{
	char path[300];
	snprintf(path, sizeof path, "/dev/%s", disk);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	ioctl(fd, BLKFLSBUF, 0);
	close(fd);
}

void boot_forget_disks(void)
{
	DIR *blocks = opendir("/sys/block");

	for (struct dirent *entry; blocks && (entry = readdir(blocks));)
		if (strncmp(entry->d_name, "vd", 2) == 0 || strncmp(entry->d_name, "sd", 2) == 0 || strncmp(entry->d_name, "nvme", 4) == 0)
			forget(entry->d_name);
	if (blocks)
		closedir(blocks);
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		(void)!write(fd, "3", 1);
		close(fd);
	}
}
