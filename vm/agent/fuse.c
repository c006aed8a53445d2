#include "fuse.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent.h"
#include "fuse-server.h"
#include "fuse-watch.h"

#ifndef PR_SET_IO_FLUSHER
#define PR_SET_IO_FLUSHER 57
#endif

struct word {
	int error; /* 0: the handshake is done */
	char call[28];
};

/* In the daemon: where the worker waits for the one word. */
static int words;

static void say(int error, const char *call)
{
	struct word word = { .error = error };

	snprintf(word.call, sizeof word.call, "%s", call);
	(void)!write(words, &word, sizeof word);
	close(words);
}

static _Noreturn void give_up(const char *call)
{
	say(errno, call);
	_exit(1);
}

/* For a self-test: misbehave `daemon-spin`. */
static void spin(int signal)
{
	(void)signal;
	for (volatile unsigned long turns = 0;; turns++)
		;
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)!write(fd, text, strlen(text));
	close(fd);
}

/*
 * Into the agent's own mount namespace, where none of the plan's mounts is: only the directory that it passes through
 * is held. So the plan's mounts go when the worker does, while this still answers, and the connection ends with them.
 */
static void leave_namespace(void)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/ns/mnt", (int)agent_pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNS) != 0)
		give_up("setns");
	close(fd);
}

static _Noreturn void run_daemon(const struct operation *operation, int over, int fuse, pid_t worker)
{
	static struct server server;
	struct rlimit files = { .rlim_cur = 1 << 20, .rlim_max = 1 << 20 };
	struct sigaction spinning = { .sa_handler = spin };

	/* As with a hog, the worker's pipe stays open in here: the plan has not ended before this has. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != worker)
		_exit(0);
	sigaction(SIGUSR1, &spinning, NULL);
	/* Every file that the kernel knows of is held open, as many as may be. */
	if (setrlimit(RLIMIT_NOFILE, &files) != 0) {
		getrlimit(RLIMIT_NOFILE, &files);
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	/* Memory that is short may be waiting for this to write: it is neither to be killed for it nor to wait itself. */
	write_file("/proc/self/oom_score_adj", "-1000");
	prctl(PR_SET_IO_FLUSHER, 1, 0, 0, 0);
	leave_namespace();
	server.fuse = fuse;
	server.root.fd = over;
	server.options = (struct daemon_options){
		.passthrough = operation->passthrough,
		.max_stack_depth = (uint32_t)operation->max_stack_depth,
		.writeback_cache = operation->writeback_cache,
	};
	serve(&server, say);
}

/* Until the kernel has taken the answer to its first request, the mount has neither depth nor passthrough. */
static bool await_handshake(int from, struct outcome *outcome)
{
	struct word word;

	if (read(from, &word, sizeof word) != sizeof word) {
		errno = ECHILD;
		return failed(outcome, "FUSE daemon");
	}
	errno = word.error;
	return !word.error || failed(outcome, word.call);
}

static bool start_daemon(const struct operation *operation, int over, int fuse, struct outcome *outcome)
{
	int ends[2], go[2];
	pid_t worker = getpid();

	if (pipe2(ends, O_CLOEXEC) != 0)
		return failed(outcome, "pipe2");
	if (pipe2(go, O_CLOEXEC) != 0) {
		close(ends[0]);
		close(ends[1]);
		return failed(outcome, "pipe2");
	}
	pid_t daemon = fork();
	if (daemon == 0) {
		char byte;
		close(ends[0]);
		close(go[1]);
		words = ends[1];
		/* It finds itself among those that are watched. */
		(void)!read(go[0], &byte, 1);
		close(go[0]);
		run_daemon(operation, over, fuse, worker);
	}
	bool good = daemon > 0 || failed(outcome, "fork");
	if (good && !watch_add(daemon, fuse, operation->target)) {
		kill(daemon, SIGKILL);
		errno = EMFILE;
		good = failed(outcome, "FUSE daemon");
	}
	close(go[0]);
	close(go[1]);
	close(ends[1]);
	good = good && await_handshake(ends[0], outcome);
	close(ends[0]);
	return good;
}

static bool mount_over(const struct operation *operation, int over, struct outcome *outcome)
{
	char data[200];
	struct stat status;
	int fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (fuse < 0)
		return failed(outcome, "open(/dev/fuse)");
	bool good = fstat(over, &status) == 0 || failed(outcome, "fstat");
	snprintf(data, sizeof data, "fd=%d,rootmode=%o,user_id=0,group_id=0,allow_other,default_permissions", fuse, (unsigned)status.st_mode);
	good = good && (mount("fathom", operation->target, "fuse", operation->rdonly ? MS_RDONLY : 0, data) == 0 || failed(outcome, "mount"));
	if (good && !start_daemon(operation, over, fuse, outcome)) {
		umount2(operation->target, MNT_DETACH);
		good = false;
	}
	/* From here on the daemon's alone: when it dies, the connection does. */
	close(fuse);
	return good;
}

bool fuse_operation(const struct operation *operation, struct outcome *outcome)
{
	int over = open(operation->path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (over < 0)
		return failed(outcome, "open");
	bool good = mount_over(operation, over, outcome);
	close(over);
	return good;
}

/* The daemon's descriptor, for as long as one call takes. */
static int borrow_connection(const char *target, struct outcome *outcome)
{
	pid_t daemon;
	int fuse;

	if (!watch_find(target, &daemon, &fuse)) {
		errno = ENOENT;
		failed(outcome, "FUSE daemon");
		return -1;
	}
	int pidfd = (int)syscall(SYS_pidfd_open, daemon, 0);
	if (pidfd < 0) {
		failed(outcome, "pidfd_open");
		return -1;
	}
	int connection = (int)syscall(SYS_pidfd_getfd, pidfd, fuse, 0);
	if (connection < 0)
		failed(outcome, "pidfd_getfd");
	close(pidfd);
	return connection;
}

bool fuse_backing_operation(const struct operation *operation, struct outcome *outcome)
{
	int connection = borrow_connection(operation->target, outcome);

	if (connection < 0)
		return false;
	struct backing_map map = { .fd = open(operation->path, O_RDONLY | O_CLOEXEC) };
	int id = map.fd < 0 ? -1 : ioctl(connection, BACKING_OPEN, &map);
	bool good = id > 0 || failed(outcome, map.fd < 0 ? "open" : "FUSE_DEV_IOC_BACKING_OPEN");
	if (good)
		good = ioctl(connection, BACKING_CLOSE, &id) == 0 || failed(outcome, "FUSE_DEV_IOC_BACKING_CLOSE");
	if (map.fd >= 0)
		close(map.fd);
	close(connection);
	return good;
}
