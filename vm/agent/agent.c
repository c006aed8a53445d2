/*
 * fathom's agent: PID 1 of a small initramfs (as /init), or an ordinary process on standard input and output (--stdio).
 * It executes the plans of protocol.ts with raw system calls and says what the kernel did.
 */
#include "agent.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "boot.h"
#include "plan.h"
#include "supervisor.h"

#ifndef AGENT_HASH
#define AGENT_HASH "unknown"
#endif

pid_t agent_pid;

int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

bool read_small_file(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t length = 0;
	ssize_t part = -1;

	if (fd < 0)
		return false;
	while (length < size - 1 && (part = read(fd, out + length, size - 1 - length)) > 0)
		length += (size_t)part;
	out[length] = '\0';
	close(fd);
	return part >= 0 || length > 0;
}

static void say_hello(struct port *port, const struct text *modules)
{
	struct utsname names;
	char command_line[8192] = "";
	struct text line = { 0 };

	uname(&names);
	read_small_file("/proc/cmdline", command_line, sizeof command_line);
	command_line[strcspn(command_line, "\n")] = '\0';
	text_format(&line, "{\"v\":%d,\"type\":\"hello\"", PROTOCOL_VERSION);
	json_member_string(&line, "agent", AGENT_HASH);
	json_member_string(&line, "release", names.release);
	json_member_string(&line, "machine", names.machine);
	text_put(&line, ",\"modules\":[");
	text_add(&line, modules->bytes, modules->length);
	text_put(&line, "]");
	json_member_string(&line, "commandLine", command_line);
	text_put(&line, "}");
	port_send(port, &line);
	text_free(&line);
}

static void block_signals(bool is_init)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGIO);
	if (!is_init) {
		sigaddset(&set, SIGTERM);
		sigaddset(&set, SIGINT);
		sigaddset(&set, SIGHUP);
	}
	sigprocmask(SIG_SETMASK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static void serve_as_init(void)
{
	struct text modules = { 0 };
	struct port port = { .is_virtio = true, .connected = true };
	struct kmsg kmsg;

	boot_mount_all();
	kmsg_open(&kmsg);
	kmsg_open_writer();
	boot_load_modules(&modules);
	boot_link_disks();
	port.in = port.out = boot_open_port("fathom");
	boot_raise_console_level();
	boot_forget_disks();
	say_hello(&port, &modules);
	supervise(&port, kmsg);
}

static void serve_on_stdio(void)
{
	struct text no_modules = { 0 };
	struct port port = { .in = 0, .out = 1, .connected = true };
	struct kmsg kmsg;

	kmsg_open(&kmsg);
	fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_NONBLOCK);
	fcntl(1, F_SETFL, fcntl(1, F_GETFL) | O_NONBLOCK);
	say_hello(&port, &no_modules);
	supervise(&port, kmsg);
	text_free(&port.line);
}

int main(int count, char **arguments)
{
	bool is_init = getpid() == 1;

	if (!is_init && (count != 2 || strcmp(arguments[1], "--stdio") != 0)) {
		fprintf(stderr, "usage: %s --stdio\n", arguments[0]);
		return 2;
	}
	agent_pid = getpid();
	umask(0);
	block_signals(is_init);
	if (is_init)
		serve_as_init();
	else
		serve_on_stdio();
	return 0;
}
