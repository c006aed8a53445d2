/* Mounts by a process that is root in a user namespace of its own. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fscontext.h"

#define MAX_LOG_BYTES (64 * 1024)

/* What the child has to say, in memory that both see. */
struct report {
	bool ok;
	int error;
	char call[300];
	int context; /* its number is the same in the parent */
	size_t log_length;
	char log[MAX_LOG_BYTES];
};

static bool write_map(const char *path, const char *text, struct outcome *outcome)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return failed(outcome, path);
	bool good = write(fd, text, strlen(text)) >= 0 || failed(outcome, path);
	close(fd);
	return good;
}

/* Its root is the machine's root, and nobody else is there. */
static bool enter(struct outcome *outcome)
{
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
		return failed(outcome, "unshare");
	return write_map("/proc/self/setgroups", "deny", outcome) && write_map("/proc/self/uid_map", "0 0 1", outcome) &&
	       write_map("/proc/self/gid_map", "0 0 1", outcome);
}

static bool mount_here(const struct operation *operation, struct text *log, struct outcome *outcome)
{
	if (operation->api == API_FSOPEN) {
		int context = context_open(operation, log, outcome);
		return context >= 0 && context_mount(context, operation, log, outcome);
	}
	const char *data = *operation->data ? operation->data : NULL;
	return mount(operation->source, operation->target, operation->fstype, 0, data) == 0 || failed(outcome, "mount");
}

static void child(const struct operation *operation, struct report *report)
{
	struct outcome outcome = { 0 };
	struct text log = { 0 };

	if (enter(&outcome)) {
		if (operation->by == BY_FOREIGN_CONTEXT)
			report->ok = (report->context = context_open(operation, &log, &outcome)) >= 0;
		else
			report->ok = mount_here(operation, &log, &outcome);
	}
	report->error = outcome.error;
	memcpy(report->call, outcome.call, sizeof report->call);
	report->log_length = log.length < MAX_LOG_BYTES ? log.length : 0;
	if (log.length)
		memcpy(report->log, log.bytes, report->log_length);
	_exit(0);
}

/* The descriptors are shared, so that the context which the child opens is there when it is gone. */
static bool run_child(const struct operation *operation, struct report *report, struct outcome *outcome)
{
	int status;
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);

	if (pid < 0)
		return failed(outcome, "clone");
	if (pid == 0)
		child(operation, report);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return failed(outcome, "waitpid");
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	errno = ECHILD;
	return failed(outcome, "clone");
}

bool mount_by_operation(const struct operation *operation, struct outcome *outcome)
{
	struct text log = { 0 };
	struct report *report = mmap(NULL, sizeof *report, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (report == MAP_FAILED)
		return failed(outcome, "mmap");
	bool good = run_child(operation, report, outcome);
	if (good) {
		text_add(&log, report->log, report->log_length);
		good = report->ok;
		if (!good) {
			errno = report->error;
			failed(outcome, report->call);
		} else if (operation->by == BY_FOREIGN_CONTEXT)
			good = context_mount(report->context, operation, &log, outcome);
	}
	if (operation->api == API_FSOPEN)
		context_tell(&log, outcome);
	text_free(&log);
	munmap(report, sizeof *report);
	return good;
}
