/* Groups of cgroup v2 with the memory controller, and the counters of /proc/vmstat and memory.events. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent.h"
#include "pressure.h"

#define GROUPS "/sys/fs/cgroup/"

static bool set_limit(const char *group, const char *file, const char *limit, struct outcome *outcome)
{
	char path[200], call[100];

	snprintf(path, sizeof path, GROUPS "%s/%s", group, file);
	snprintf(call, sizeof call, "open(%s)", file);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return failed(outcome, call);
	snprintf(call, sizeof call, "write(%s)", file);
	bool good = write(fd, limit, strlen(limit)) >= 0 || failed(outcome, call);
	close(fd);
	return good;
}

bool cgroup_operation(const struct operation *operation, struct outcome *outcome)
{
	char path[200], limit[32] = "max";

	snprintf(path, sizeof path, GROUPS "%s", operation->name);
	if (mkdir(path, 0755) == 0)
		created(path);
	else if (errno != EEXIST)
		return failed(outcome, "mkdir");
	if (operation->memory_max_bytes)
		snprintf(limit, sizeof limit, "%lld", (long long)operation->memory_max_bytes);
	if (!set_limit(operation->name, "memory.max", limit, outcome))
		return false;
	snprintf(limit, sizeof limit, "%lld", (long long)operation->swap_max_bytes);
	if (set_limit(operation->name, "memory.swap.max", limit, outcome))
		return true;
	/* A kernel that does not account for swap (Debian's 5.10) has no such file. */
	return outcome->error == ENOENT && operation->swap_max_bytes == 0;
}

static const char *const vmstat_names[] = {
	"allocstall_*",	   "pgsteal_direct", "pgscan_direct", "pgsteal_kswapd", "pgscan_kswapd", "pswpin",	   "pswpout",
	"oom_kill",	   "compact_stall",  "nr_dirty",      "nr_writeback",	"nr_dirtied",	 "nr_written",	   "nr_free_pages",
	"nr_anon_pages",   "nr_mlock",	      "nr_shmem",
	"workingset_refault_file",	     "workingset_refault_anon",
};

static bool is_wanted(const char *name)
{
	for (size_t i = 0; i < sizeof vmstat_names / sizeof *vmstat_names; i++) {
		size_t length = strcspn(vmstat_names[i], "*");
		if (strncmp(name, vmstat_names[i], length) == 0 && (vmstat_names[i][length] == '*' || !name[length]))
			return true;
	}
	return false;
}

/* Lines of a name and a number, as members of an object. */
static bool put_counters(const char *path, const char *prefix, bool all, struct outcome *outcome)
{
	FILE *file = fopen(path, "re");
	char name[64];
	long long value;

	if (!file)
		return failed(outcome, "open");
	while (fscanf(file, "%63s %lld", name, &value) == 2) {
		char member[100];
		if (!all && !is_wanted(name))
			continue;
		snprintf(member, sizeof member, "%s%s", prefix, name);
		if (outcome->members.bytes[outcome->members.length - 1] != '{')
			text_put(&outcome->members, ",");
		json_put_string(&outcome->members, member, strlen(member));
		text_format(&outcome->members, ":%lld", value);
	}
	fclose(file);
	return true;
}

bool counters_operation(const struct operation *operation, struct outcome *outcome)
{
	char path[200];

	snprintf(path, sizeof path, GROUPS "%s/memory.events", operation->cgroup);
	text_put(&outcome->members, ",\"counters\":{");
	bool good = put_counters("/proc/vmstat", "", false, outcome) &&
		    (!*operation->cgroup || put_counters(path, "memory.events.", true, outcome));
	text_put(&outcome->members, "}");
	return good;
}

bool is_cgroup(const char *path)
{
	return strncmp(path, GROUPS, strlen(GROUPS)) == 0;
}

bool remove_cgroup(const char *path)
{
	char processes[300];
	int pid;

	snprintf(processes, sizeof processes, "%s/cgroup.procs", path);
	FILE *file = fopen(processes, "re");
	/* 0 is a process of another PID namespace. */
	while (file && fscanf(file, "%d", &pid) == 1)
		if (pid > 0)
			kill(pid, SIGKILL);
	if (file)
		fclose(file);
	return rmdir(path) == 0 || errno == ENOENT;
}
