#include "fuse-watch.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "agent.h"

#define PF_EXITING 0x4u

struct daemon {
	_Atomic pid_t pid;
	_Atomic int64_t busy_since_ns; /* 0: it waits for a request */
	_Atomic unsigned opcode;
	int fuse;
	char target[200];
};

static struct daemon *daemons;
static _Atomic size_t *count;
/* In a daemon: its own. */
static struct daemon *mine;

void watch_init(void)
{
	char *shared = mmap(NULL, sizeof *count + MAX_DAEMONS * sizeof *daemons, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED)
		abort();
	count = (void *)shared;
	daemons = (void *)(shared + sizeof *count);
}

void watch_reset(void)
{
	*count = 0;
}

bool watch_add(pid_t pid, int fuse, const char *target)
{
	if (*count == MAX_DAEMONS)
		return false;
	struct daemon *daemon = &daemons[*count];
	daemon->pid = pid;
	daemon->busy_since_ns = 0;
	daemon->fuse = fuse;
	snprintf(daemon->target, sizeof daemon->target, "%s", target);
	(*count)++;
	return true;
}

bool watch_find(const char *target, pid_t *pid, int *fuse)
{
	for (size_t i = *count; i-- > 0;)
		if (strcmp(daemons[i].target, target) == 0) {
			*pid = daemons[i].pid;
			*fuse = daemons[i].fuse;
			return true;
		}
	return false;
}

pid_t watch_latest(void)
{
	return *count ? (pid_t)daemons[*count - 1].pid : 0;
}

void watch_begin(unsigned opcode)
{
	for (size_t i = 0; !mine && i < *count; i++)
		if (daemons[i].pid == getpid())
			mine = &daemons[i];
	if (!mine)
		return;
	mine->opcode = opcode;
	mine->busy_since_ns = now_ns();
}

void watch_end(void)
{
	if (mine)
		mine->busy_since_ns = 0;
}

void watch_retire(void)
{
	if (mine)
		mine->pid = 0;
}

/* Of /proc/PID/stat. */
struct life {
	char state;
	unsigned flags;
	unsigned long user_ticks, system_ticks;
};

static bool look(pid_t pid, struct life *life)
{
	char path[40], text[1024];

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	const char *after = read_small_file(path, text, sizeof text) ? strrchr(text, ')') : NULL;
	return after && sscanf(after + 1, " %c %*d %*d %*d %*d %*d %u %*u %*u %*u %*u %lu %lu", &life->state, &life->flags,
			       &life->user_ticks, &life->system_ticks) == 4;
}

/* Its connection is aborted when its files are closed, which is after it has begun to exit. */
static bool is_dead(const struct life *life)
{
	return life->state == 'Z' || life->state == 'X' || (life->flags & PF_EXITING);
}

/* What it does in user space is ours; a call of its own that the kernel does not end is not. */
static bool turns_in_circles(const struct daemon *daemon, const struct life *before)
{
	int64_t since = daemon->busy_since_ns;
	struct life after;

	if (before->state != 'R')
		return false;
	usleep(500000);
	if (daemon->busy_since_ns != since || !look(daemon->pid, &after) || after.state != 'R')
		return false;
	return after.user_ticks - before->user_ticks > after.system_ticks - before->system_ticks;
}

static const char *fault_of(const struct daemon *daemon, bool living)
{
	struct life life;

	if (!look(daemon->pid, &life) || is_dead(&life))
		return daemon->pid ? "has died" : NULL; /* it may have gone this very moment */
	if (!living)
		return NULL;
	if (life.state == 'T' || life.state == 't')
		return "is stopped";
	if (turns_in_circles(daemon, &life))
		return "turns in circles";
	return NULL;
}

static bool find(bool living, struct text *words)
{
	for (size_t i = 0; i < *count; i++) {
		const char *fault = daemons[i].pid ? fault_of(&daemons[i], living) : NULL;
		if (!fault)
			continue;
		text_format(words, "the FUSE daemon of %s %s", daemons[i].target, fault);
		if (daemons[i].busy_since_ns)
			text_format(words, " (opcode %u)", (unsigned)daemons[i].opcode);
		return true;
	}
	return false;
}

bool watch_finds_dead(struct text *words)
{
	return find(false, words);
}

bool watch_finds_fault(struct text *words)
{
	return find(true, words);
}
