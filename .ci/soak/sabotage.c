/*
 * Linked into an agent that is to fail (`sabotage.js`, with -Wl,--wrap=port_send): what its supervisor says passes through
 * here, and after the SOAK_AFTER-th result in a guest the agent does what it must never do.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "port.h"

void __real_port_send(struct port *port, const struct text *line);
void __wrap_port_send(struct port *port, const struct text *line);

static int open_for_writing(const char *path)
{
	return open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
}

static void panic(void)
{
	int fd = open_for_writing("/proc/sysrq-trigger");

	(void)!write(fd, "c", 1);
	close(fd);
}

/* A day on, two back, four on: as far as it may be from what the host believes. */
static void jump(void)
{
	static long days = 1;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	now.tv_sec += 86400 * days;
	clock_settime(CLOCK_REALTIME, &now);
	days *= -2;
}

/* Whether the line may still be said as it was meant. */
static bool act(struct port *port)
{
	switch (SOAK_FAULT) {
	case 'p':
		panic();
		return true;
	case 's': /* stop */
		for (;;)
			pause();
	case 'e': /* exit: the kernel goes with its init */
		_exit(1);
	case 'k': /* kill the worker */
		kill(-1, SIGKILL);
		return true;
	case 'g': /* garbage */
		port_send_raw(port, "\x80\xff{\"v\":1,\"type\":\"res\n]]\n", 24);
		return false;
	}
	return true;
}

void __wrap_port_send(struct port *port, const struct text *line)
{
	static int results;
	bool is_result = memmem(line->bytes, line->length, "\"type\":\"result\"", 15) != NULL;

	if (is_result && SOAK_FAULT == 'c')
		jump();
	if (!is_result || ++results != SOAK_AFTER || act(port))
		__real_port_send(port, line);
}
