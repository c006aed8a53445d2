/*
 * Exercises run in processes of their own, which wait for each other before they begin and before they end: the
 * worker's stacks, the lookups before and the ends of the processes are not among what is measured.
 */
#include "exercise.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tracer.h"

volatile sig_atomic_t pages_missed;

/* What the processes leave for the worker. */
struct shared {
	struct report reports[MAX_EXERCISE_PROCESSES];
	struct peak peak;
};

struct crew {
	const struct operation *operation;
	struct tracer tracer;
	struct shared *shared;
	pid_t processes[MAX_EXERCISE_PROCESSES];
	int said[MAX_EXERCISE_PROCESSES]; /* a byte when ready, another when done */
	bool lost[MAX_EXERCISE_PROCESSES]; /* died before it could say so */
	unsigned count;
	int begin; /* closed: they begin */
	int leave; /* closed: they may end */
};

enum turn exercise_failed(struct exercise *exercise, const char *call)
{
	exercise->report->error = errno;
	snprintf(exercise->report->call, sizeof exercise->report->call, "%s", call);
	return TURN_FAILED;
}

/* ---- one process ---- */

static void miss_page(int number, siginfo_t *information, void *context)
{
	void *page = (void *)((uintptr_t)information->si_addr & ~(uintptr_t)(PAGE - 1));

	(void)number;
	(void)context;
	if (mmap(page, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		_exit(1);
	pages_missed++;
}

static enum turn join_cgroup(struct exercise *exercise)
{
	char path[128];

	if (!*exercise->operation->cgroup)
		return TURN_DONE;
	snprintf(path, sizeof path, "/sys/fs/cgroup/%s/cgroup.procs", exercise->operation->cgroup);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "0", 1) != 1)
		return exercise_failed(exercise, "cgroup");
	close(fd);
	return TURN_DONE;
}

static enum turn get_ready(struct exercise *exercise, const struct manner *manner)
{
	struct sigaction action = { .sa_sigaction = miss_page, .sa_flags = SA_SIGINFO };

	sigaction(SIGBUS, &action, NULL);
	if (join_cgroup(exercise) != TURN_DONE)
		return TURN_FAILED;
	exercise->buffer = mmap(NULL, 2 * PIECE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (exercise->buffer == MAP_FAILED)
		return exercise_failed(exercise, "mmap");
	memset(exercise->buffer, 'x', 2 * PIECE);
	return manner->prepare(exercise);
}

static void run(struct exercise *exercise, const struct manner *manner)
{
	for (int64_t i = 0; i < exercise->operation->count; i++)
		switch (manner->run(exercise)) {
		case TURN_DONE:
			exercise->report->performed++;
			break;
		case TURN_REFUSED:
			exercise->report->refused++;
			break;
		case TURN_FAILED:
			return;
		}
}

static void wait_for_close(int fd)
{
	char byte;

	while (read(fd, &byte, 1) < 0 && errno == EINTR)
		;
}

static const struct manner *manner_of(enum way way)
{
	const struct manner *manner = reading(way);

	if (!manner)
		manner = copying_up(way);
	if (!manner)
		manner = churning(way);
	if (!manner)
		manner = rostressing(way);
	return manner;
}

/* Alone, it is the one that goes to the tracer: nobody has to be woken for it. */
static _Noreturn void work(const struct crew *crew, int say, int begin, int leave)
{
	const struct operation *operation = crew->operation;
	const struct manner *manner = manner_of(operation->way);
	struct exercise exercise = { .operation = operation,
				     .process = crew->count,
				     .report = &crew->shared->reports[crew->count],
				     .random.state = (uint64_t)operation->seed << 32 | crew->count,
				     .fd = -1,
				     .sink = -1 };
	bool traces = operation->trace && operation->processes == 1;
	bool good = get_ready(&exercise, manner) == TURN_DONE;

	(void)!write(say, good ? "+" : "-", 1);
	wait_for_close(begin);
	if (traces && !tracer_reset(&crew->tracer))
		exercise_failed(&exercise, "stack tracer");
	else
		run(&exercise, manner);
	if (traces && !exercise.report->error && !tracer_read(&crew->tracer, &crew->shared->peak))
		exercise_failed(&exercise, "stack tracer");
	(void)!write(say, ".", 1);
	wait_for_close(leave);
	_exit(0);
}

/* ---- the worker ---- */

static bool start_one(struct crew *crew, const int begin[2], const int leave[2])
{
	pid_t worker = getpid();
	int said[2];

	if (pipe2(said, O_CLOEXEC) != 0)
		return false;
	pid_t child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != worker)
			_exit(0);
		close(begin[1]);
		close(leave[1]);
		work(crew, said[1], begin[0], leave[0]);
	}
	close(said[1]);
	if (child < 0) {
		close(said[0]);
		return false;
	}
	crew->said[crew->count] = said[0];
	crew->processes[crew->count++] = child;
	return true;
}

static bool start_all(struct crew *crew, struct outcome *outcome)
{
	int begin[2], leave[2];
	bool good = true;

	if (pipe2(begin, O_CLOEXEC) != 0)
		return failed(outcome, "pipe");
	if (pipe2(leave, O_CLOEXEC) != 0) {
		failed(outcome, "pipe");
		close(begin[0]);
		close(begin[1]);
		return false;
	}
	while (good && crew->count < crew->operation->processes)
		good = start_one(crew, begin, leave) || failed(outcome, "fork");
	close(begin[0]);
	close(leave[0]);
	crew->begin = begin[1];
	crew->leave = leave[1];
	return good;
}

/* Whether each of them has said so; one that died says nothing. */
static bool all_say(struct crew *crew, char word)
{
	bool good = true;

	for (unsigned i = 0; i < crew->count; i++) {
		char byte = 0;
		ssize_t length;
		while ((length = read(crew->said[i], &byte, 1)) < 0 && errno == EINTR)
			;
		crew->lost[i] = crew->lost[i] || length <= 0;
		good = good && byte == word;
	}
	return good;
}

static long long out_of_memory_kills(const char *cgroup)
{
	char path[128], line[64];
	long long kills = 0;

	snprintf(path, sizeof path, "/sys/fs/cgroup/%s/memory.events", cgroup);
	FILE *events = *cgroup ? fopen(path, "re") : NULL;
	while (events && fgets(line, sizeof line, events))
		if (strncmp(line, "oom_kill ", 9) == 0)
			kills = strtoll(line + 9, NULL, 10);
	if (events)
		fclose(events);
	return kills;
}

/* Reaps; false, with the first failure that any of them has to tell. */
static bool collect(struct crew *crew, long long kills_before, struct outcome *outcome)
{
	bool good = true;

	for (unsigned i = 0; i < crew->count; i++) {
		const struct report *report = &crew->shared->reports[i];
		int status = 0;
		while (waitpid(crew->processes[i], &status, 0) < 0 && errno == EINTR)
			;
		close(crew->said[i]);
		errno = report->error;
		if (good && report->error)
			good = failed(outcome, report->call);
		if (!crew->lost[i])
			continue;
		bool for_memory = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL &&
				  out_of_memory_kills(crew->operation->cgroup) > kills_before;
		/* Whatever else ends a process so (an oops does) says of the kernel what it would say of the worker. */
		if (WIFSIGNALED(status) && !for_memory)
			raise(WTERMSIG(status));
		errno = for_memory ? ENOMEM : ECHILD;
		if (good)
			good = failed(outcome, for_memory ? "memory.max" : "exercise");
	}
	return good;
}

static bool conduct(struct crew *crew, struct outcome *outcome)
{
	bool traces = crew->operation->trace && crew->operation->processes > 1;
	long long kills_before = out_of_memory_kills(crew->operation->cgroup);
	bool started = start_all(crew, outcome);
	bool ready = started && all_say(crew, '+');
	bool traced = true;

	if (ready) {
		if (traces)
			traced = tracer_reset(&crew->tracer);
		close(crew->begin);
		if (all_say(crew, '.') && traces)
			traced = traced && tracer_read(&crew->tracer, &crew->shared->peak);
		if (!traced)
			failed(outcome, "stack tracer");
		close(crew->leave);
	} else {
		for (unsigned i = 0; i < crew->count; i++)
			kill(crew->processes[i], SIGKILL);
		close(crew->begin);
		close(crew->leave);
	}
	return collect(crew, kills_before, outcome) && started && ready && traced;
}

static void put_performed(const struct crew *crew, struct outcome *outcome)
{
	int64_t performed = 0, refused = 0;

	for (unsigned i = 0; i < crew->count; i++) {
		performed += crew->shared->reports[i].performed;
		refused += crew->shared->reports[i].refused;
	}
	json_member_integer(&outcome->members, "performed", performed);
	if (crew->operation->way == WAY_CHURN)
		json_member_integer(&outcome->members, "refused", refused);
}

static void put_peak(const struct peak *peak, struct outcome *outcome)
{
	text_format(&outcome->members, ",\"trace\":{\"maxSizeBytes\":%lld,\"table\":", strtoll(peak->max_size, NULL, 10));
	json_put_string(&outcome->members, peak->table, peak->length);
	text_put(&outcome->members, "}");
}

/* For the clean-up after the plan. */
static void tell_created(const struct operation *operation, bool existed)
{
	if (!existed)
		created(operation->to);
	for (unsigned i = 0; operation->way == WAY_CHURN && i < operation->processes; i++) {
		char path[4200];
		snprintf(path, sizeof path, "%s/churn-%u-%u", operation->path, (unsigned)operation->seed, i);
		created(path);
	}
}

bool exercise_operation(const struct operation *operation, struct outcome *outcome)
{
	struct crew crew = { .operation = operation, .begin = -1, .leave = -1 };
	struct stat status;

	if (operation->trace && !tracer_open(&crew.tracer, outcome))
		return false;
	bool existed = lstat(operation->to, &status) == 0;
	crew.shared = mmap(NULL, sizeof *crew.shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	bool good = crew.shared != MAP_FAILED || failed(outcome, "mmap");
	if (good) {
		/* In memory before anything is measured, and on nobody else's account. */
		memset(crew.shared, 0, sizeof *crew.shared);
		good = conduct(&crew, outcome);
		tell_created(operation, existed);
		put_performed(&crew, outcome);
		if (good && operation->trace)
			put_peak(&crew.shared->peak, outcome);
		munmap(crew.shared, sizeof *crew.shared);
	}
	if (operation->trace)
		tracer_close(&crew.tracer);
	return good;
}
