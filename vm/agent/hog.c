/* Processes that do nothing but hold memory for as long as their plan runs. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "pressure.h"

#define PAGE 4096

struct answer {
	int error; /* 0: it is held */
	char call[28];
};

/* One word in four is of no pattern: a page for zram to compress, neither one filled with zeros nor one that cannot be. */
static void fill(uint64_t page[PAGE / sizeof(uint64_t)], uint64_t *state)
{
	for (size_t i = 0; i < PAGE / sizeof *page; i++) {
		*state ^= *state << 13;
		*state ^= *state >> 7;
		*state ^= *state << 17;
		page[i] = i % 4 ? i : *state;
	}
}

static const char *hold(const struct operation *operation)
{
	size_t length = ((size_t)operation->bytes + PAGE - 1) / PAGE * PAGE;
	uint64_t state = 0x9e3779b97f4a7c15u;
	int flags = MAP_PRIVATE | MAP_ANONYMOUS, fd = -1;

	if (operation->holding == HOLD_TMPFS) {
		/* A file of the kernel's own tmpfs, which needs no mount. */
		fd = memfd_create("hog", MFD_CLOEXEC);
		if (fd < 0)
			return "memfd_create";
		if (ftruncate(fd, (off_t)length) != 0)
			return "ftruncate";
		flags = MAP_SHARED;
	}
	char *memory = mmap(NULL, length, PROT_READ | PROT_WRITE, flags, fd, 0);
	if (memory == MAP_FAILED)
		return "mmap";
	if (operation->holding == HOLD_MLOCK && mlock(memory, length) != 0)
		return "mlock";
	for (size_t at = 0; at < length; at += PAGE)
		fill((uint64_t *)(void *)(memory + at), &state);
	return NULL;
}

_Noreturn static void run(const struct operation *operation, int answers, pid_t worker)
{
	struct answer answer = { 0 };

	/*
	 * The worker's pipe to the supervisor stays open in here: the plan has not ended before this has, and given
	 * its memory back.
	 */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != worker)
		_exit(0);
	/* When memory runs out, this is what the kernel shall kill, and not what is measured. */
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		(void)!write(fd, "1000", 4);
		close(fd);
	}
	const char *call = hold(operation);
	if (call) {
		answer.error = errno;
		snprintf(answer.call, sizeof answer.call, "%s", call);
	}
	(void)!write(answers, &answer, sizeof answer);
	close(answers);
	if (call)
		_exit(1);
	for (;;)
		pause();
}

bool hog_operation(const struct operation *operation, struct outcome *outcome)
{
	struct answer answer;
	int ends[2];
	pid_t worker = getpid();

	if (pipe2(ends, O_CLOEXEC) != 0)
		return failed(outcome, "pipe2");
	pid_t hog = fork();
	if (hog == 0) {
		close(ends[0]);
		run(operation, ends[1], worker);
	}
	if (hog < 0)
		failed(outcome, "fork");
	close(ends[1]);
	ssize_t length = hog < 0 ? 0 : read(ends[0], &answer, sizeof answer);
	close(ends[0]);
	if (hog < 0)
		return false;
	if (length != sizeof answer) {
		/* It was killed before it had all of it: by the kernel, for want of memory. */
		errno = ENOMEM;
		return failed(outcome, "hog");
	}
	errno = answer.error;
	return !answer.error || failed(outcome, answer.call);
}
