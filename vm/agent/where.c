#include "where.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent.h"

static bool read_line_or_more(pid_t pid, const char *name, char *out, size_t size)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
	if (!read_small_file(path, out, size) || !*out)
		return false;
	char *last = out + strlen(out) - 1;
	if (*last == '\n')
		*last = '\0';
	return true;
}

/* Those that an exercise runs in: one of them is the one that hangs. */
static void describe_children(pid_t pid, struct text *out)
{
	char name[64], pids[1024];

	snprintf(name, sizeof name, "task/%d/children", (int)pid);
	if (!read_line_or_more(pid, name, pids, sizeof pids))
		return;
	char *end = pids;
	for (long child; (child = strtol(end, &end, 10)) > 0;) {
		text_format(out, "child %ld\n", child);
		describe_process((pid_t)child, out);
	}
}

void describe_process(pid_t pid, struct text *out)
{
	char contents[8192];
	const char *state = read_line_or_more(pid, "status", contents, sizeof contents) ? strstr(contents, "State:\t") : NULL;

	if (state)
		text_format(out, "state %.*s\n", (int)strcspn(state + 7, "\n"), state + 7);
	if (read_line_or_more(pid, "wchan", contents, sizeof contents))
		text_format(out, "wchan %s\n", contents);
	if (read_line_or_more(pid, "syscall", contents, sizeof contents))
		text_format(out, "syscall %s\n", contents);
	if (read_line_or_more(pid, "stack", contents, sizeof contents))
		text_format(out, "%s\n", contents);
	text_put(out, ""); /* a string even if /proc said nothing */
	describe_children(pid, out);
}

void log_blocked_tasks(const struct text *description)
{
	if (agent_pid != 1 || !strstr(description->bytes, "state D"))
		return;
	int fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	(void)!write(fd, "w", 1);
	close(fd);
}
