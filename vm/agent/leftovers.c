#include "leftovers.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent.h"
#include "errno-name.h"
#include "operations.h"
#include "pressure.h"
#include "worker.h"

/* A superblock holds its filesystem's module, a bound loop device holds loop; built-ins have no count. */
static const char *const watched[WATCHED_MODULES] = { "erofs", "overlay", "loop", "xfs", "ext4", "btrfs", "squashfs", "fuse", "isofs", "ecryptfs" };

static void read_file(const char *path, struct text *out)
{
	char buffer[16384];
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	for (ssize_t length; (length = read(fd, buffer, sizeof buffer)) > 0;)
		text_add(out, buffer, (size_t)length);
	close(fd);
}

/*
 * Its file stays open, also in what is forked from here: looking it up costs most. As PID 1 all modules were loaded before,
 * and what is not there is not looked for again.
 */
static long module_uses(int index)
{
	static int files[WATCHED_MODULES]; /* 0: not looked for yet */
	char path[100], uses[32];
	ssize_t length;

	if (files[index] == 0 || (files[index] < 0 && agent_pid != 1)) {
		snprintf(path, sizeof path, "/sys/module/%s/refcnt", watched[index]);
		files[index] = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (files[index] < 0)
		return -1;
	length = pread(files[index], uses, sizeof uses - 1, 0);
	if (length <= 0) { /* unloaded meanwhile */
		close(files[index]);
		files[index] = -1;
		return -1;
	}
	uses[length] = '\0';
	return strtol(uses, NULL, 10);
}

void snapshot_take(struct snapshot *snapshot)
{
	*snapshot = (struct snapshot){ 0 };
	text_put(&snapshot->mounts, "\n");
	read_file("/proc/self/mountinfo", &snapshot->mounts);
	for (int i = 0; i < WATCHED_MODULES; i++)
		snapshot->module_uses[i] = module_uses(i);
}

void snapshot_free(struct snapshot *snapshot)
{
	text_free(&snapshot->mounts);
}

typedef void reporter(void *context, const char *leftover);

/* A mount is known by the first five fields of its line: ids, device, root, mount point. */
static void compare_mounts(const struct snapshot *before, const struct snapshot *after, reporter *report, void *context)
{
	const char *line = after->mounts.bytes;

	while ((line = strchr(line, '\n')) && line[1]) {
		const char *end = line + 1;
		for (int fields = 0; *end && *end != '\n' && fields < 5; end++)
			fields += *end == ' ';
		struct text key = { 0 }, words = { 0 };
		text_add(&key, line, (size_t)(end - line));
		if (!strstr(before->mounts.bytes, key.bytes)) {
			text_format(&words, "mount %s", key.bytes + 1);
			report(context, words.bytes);
		}
		text_free(&key);
		text_free(&words);
		line++;
	}
}

static void compare(const struct snapshot *before, reporter *report, void *context)
{
	struct snapshot after;

	snapshot_take(&after);
	compare_mounts(before, &after, report, context);
	for (int i = 0; i < WATCHED_MODULES; i++) {
		char words[100];
		if (before->module_uses[i] < 0 || after.module_uses[i] == before->module_uses[i])
			continue;
		snprintf(words, sizeof words, "module %s used %ld times, %ld before the plan", watched[i], after.module_uses[i],
			 before->module_uses[i]);
		report(context, words);
	}
	snapshot_free(&after);
}

static void report_leftover(void *context, const char *leftover)
{
	(void)context;
	send_frame(FRAME_LEFTOVER, leftover);
}

static void count_leftover(void *context, const char *leftover)
{
	(void)leftover;
	++*(int *)context;
}

static int bound_loops;

static void count_loop(const char *device)
{
	(void)device;
	bound_loops++;
}

static void report_loop(const char *device)
{
	char words[400];

	snprintf(words, sizeof words, "loop device %s still bound", device);
	report_leftover(NULL, words);
}

/* What is not removed as files are, and not while it is in use. */
static const struct {
	bool (*is_one)(const char *path);
	bool (*remove)(const char *path);
} in_use[] = {
	{ is_cgroup, remove_cgroup },
	{ is_zram, remove_zram },
	{ is_mapped, remove_mapped },
};

static bool is_same(const char *identity, const char **path)
{
	char *end;
	struct stat status;
	unsigned long long device = strtoull(identity, &end, 10);
	unsigned long long inode = strtoull(end, &end, 10);

	*path = end + 1;
	return lstat(*path, &status) == 0 && status.st_dev == device && status.st_ino == inode;
}

/* How many are still there. */
static int release(const struct text *created, reporter *report)
{
	const char *path;
	int left = 0;

	for (size_t at = 0; at < created->length; at += strlen(created->bytes + at) + 1) {
		if (!is_same(created->bytes + at, &path))
			continue;
		for (size_t i = 0; i < sizeof in_use / sizeof *in_use; i++) {
			if (!in_use[i].is_one(path) || in_use[i].remove(path))
				continue;
			struct text words = { 0 };
			text_format(&words, "%s: %s", path, errno_name(errno));
			report(&left, words.bytes);
			text_free(&words);
		}
	}
	return left;
}

static bool is_settled(const struct snapshot *before, const struct text *created)
{
	int differences = 0;

	bound_loops = 0;
	detach_loops(count_loop);
	compare(before, count_leftover, &differences);
	return release(created, count_leftover) == 0 && differences == 0 && bound_loops == 0;
}

static bool is_file(const char *path)
{
	for (size_t i = 0; i < sizeof in_use / sizeof *in_use; i++)
		if (in_use[i].is_one(path))
			return false;
	return true;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *place)
{
	(void)status;
	(void)type;
	(void)place;
	return remove(path);
}

/* Only what is still the thing that was made: the path may have been under a mount that is gone. */
static void remove_created(const struct text *created)
{
	for (size_t at = 0; at < created->length; at += strlen(created->bytes + at) + 1) {
		const char *path;
		struct stat status;
		if (!is_same(created->bytes + at, &path) || !is_file(path))
			continue;
		if (nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) != 0 && lstat(path, &status) == 0) {
			struct text words = { 0 };
			text_format(&words, "%s: %s", path, errno_name(errno));
			report_leftover(NULL, words.bytes);
			text_free(&words);
		}
	}
}

void leftovers_run(const struct snapshot *before, const struct text *created, int64_t patience_ns)
{
	int64_t limit = now_ns() + patience_ns;
	bool settled;

	remove_created(created);
	while (!(settled = is_settled(before, created)) && now_ns() < limit)
		usleep(2000);
	if (!settled) {
		detach_loops(report_loop);
		release(created, report_leftover);
		compare(before, report_leftover, NULL);
	}
	if (agent_pid != 1) {
		/* Beside other agents: whoever is last takes them away. */
		rmdir(LOOP_LINKS);
		rmdir("/run/fathom");
	}
}
