/* A shell on the machine's terminal, for people. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "operations.h"

#define TERMINAL "/dev/hvc0"
#define SHELL "/bin/busybox"

static bool set_terminal(int tty, const struct operation *operation, struct outcome *outcome)
{
	struct winsize size = { .ws_row = (unsigned short)operation->rows, .ws_col = (unsigned short)operation->columns };
	struct termios settings;

	if (tcgetattr(tty, &settings) != 0)
		return failed(outcome, "tcgetattr");
	settings.c_cc[VERASE] = 0x7f; /* what terminals send */
	if (operation->raw) {
		settings.c_lflag &= ~(tcflag_t)ECHO;
		settings.c_oflag &= ~(tcflag_t)OPOST;
	}
	if (tcsetattr(tty, TCSANOW, &settings) != 0)
		return failed(outcome, "tcsetattr");
	return ioctl(tty, TIOCSWINSZ, &size) == 0 || failed(outcome, "ioctl(TIOCSWINSZ)");
}

/* `failing` is closed when the shell has begun; otherwise it gets the errno of what failed. */
_Noreturn static void be_shell(int tty, int failing, const char *script)
{
	signal(SIGPIPE, SIG_DFL);
	umask(022);
	if (setsid() >= 0 && ioctl(tty, TIOCSCTTY, 0) == 0 && dup2(tty, 0) == 0 && dup2(tty, 1) == 1 && dup2(tty, 2) == 2)
		execl(SHELL, "sh", "-c", script, (char *)NULL);
	(void)!write(failing, &errno, sizeof errno);
	_exit(127);
}

static bool run_shell(int tty, const struct operation *operation, struct outcome *outcome)
{
	int ends[2], error = 0, status = 0;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return failed(outcome, "pipe2");
	child = fork();
	if (child == 0)
		be_shell(tty, ends[1], operation->value);
	close(ends[1]);
	if (child < 0) {
		close(ends[0]);
		return failed(outcome, "fork");
	}
	(void)!read(ends[0], &error, sizeof error);
	close(ends[0]);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	tcdrain(tty);
	if (error) {
		errno = error;
		return failed(outcome, "execve(" SHELL ")");
	}
	json_member_integer(&outcome->members, "status", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return true;
}

bool shell_operation(const struct operation *operation, struct outcome *outcome)
{
	int tty = open(TERMINAL, O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (tty < 0)
		return failed(outcome, "open(" TERMINAL ")");
	bool done = set_terminal(tty, operation, outcome) && run_shell(tty, operation, outcome);
	close(tty);
	return done;
}
