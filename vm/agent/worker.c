#include "worker.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent.h"
#include "errno-name.h"
#include "fuse-watch.h"
#include "kmsg.h"
#include "operations.h"

static struct link supervisor;

static void send_bytes(const struct text *frame)
{
	size_t sent = 0;

	while (sent <= frame->length) { /* with its NUL */
		ssize_t written = write(supervisor.pipe, frame->bytes + sent, frame->length + 1 - sent);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			_exit(1);
		sent += (size_t)written;
	}
}

void send_frame(enum frame kind, const char *words)
{
	struct text frame = { 0 };

	text_format(&frame, "%c%s", (char)kind, words);
	send_bytes(&frame);
	text_free(&frame);
}

static void knock(void)
{
	(void)!write(supervisor.knock, &(uint64_t){ 1 }, sizeof(uint64_t));
}

void created(const char *path)
{
	struct text frame = { 0 };
	struct stat status;

	if (lstat(path, &status) != 0)
		return;
	text_format(&frame, "%c%llu %llu %s", FRAME_CREATED, (unsigned long long)status.st_dev, (unsigned long long)status.st_ino, path);
	send_bytes(&frame);
	text_free(&frame);
}

/* What it does is seen in the steps that come. */
static bool daemon_misbehaves(enum misbehaviour how)
{
	int number = how == MISBEHAVE_DAEMON_KILL ? SIGKILL : how == MISBEHAVE_DAEMON_STOP ? SIGSTOP : how == MISBEHAVE_DAEMON_SPIN ? SIGUSR1 : 0;

	if (number && watch_latest())
		kill(watch_latest(), number);
	return number != 0;
}

static void misbehave(enum misbehaviour how, struct outcome *outcome)
{
	char number[16];

	outcome->ok = true;
	if (daemon_misbehaves(how))
		return;
	if (how == MISBEHAVE_SPIN)
		for (volatile unsigned long turns = 0;; turns++)
			;
	snprintf(number, sizeof number, "%d", (int)how);
	send_frame(FRAME_MISBEHAVE, number);
	knock();
	if (how != MISBEHAVE_GARBAGE)
		for (;;)
			pause();
}

static void put_outcome(struct text *frame, const struct outcome *outcome, int64_t duration_us)
{
	text_put(frame, outcome->ok ? ",\"ok\":true" : ",\"ok\":false");
	if (!outcome->ok) {
		json_member_string(frame, "errno", errno_name(outcome->error));
		json_member_string(frame, "call", outcome->call);
	}
	json_member_integer(frame, "durationUs", duration_us);
	text_add(frame, outcome->members.bytes, outcome->members.length);
}

static void await_sent(void)
{
	uint64_t count;

	while (read(supervisor.sent, &count, sizeof count) < 0 && errno == EINTR)
		;
}

/* With a daemon of ours dead, the result is of our making: it is not told. */
static void answer_for_daemons(void)
{
	struct text words = { 0 };

	if (!watch_finds_dead(&words))
		return;
	send_frame(FRAME_BROKEN, words.bytes);
	knock();
	for (;;)
		pause();
}

static bool run_step(const struct step *step, size_t index)
{
	struct outcome outcome = { 0 };
	struct text frame = { 0 };

	supervisor.progress->step = index;
	supervisor.progress->begun_ns = now_ns();
	kmsg_mark("begin", step->id.bytes, step->id.length);
	int64_t begun = now_ns();
	if (step->operation.kind == OP_MISBEHAVE)
		misbehave(step->operation.how, &outcome);
	else
		perform(&step->operation, &outcome);
	int64_t duration_us = (now_ns() - begun) / 1000;
	kmsg_mark("end", step->id.bytes, step->id.length);
	answer_for_daemons();
	supervisor.progress->begun_ns = 0;
	text_format(&frame, "%c%zu ", FRAME_RESULT, index);
	put_outcome(&frame, &outcome, duration_us);
	send_bytes(&frame);
	knock();
	await_sent();
	text_free(&frame);
	text_free(&outcome.members);
	return outcome.ok;
}

static void skip_step(size_t index, const struct step *missed)
{
	struct text frame = { 0 };

	text_format(&frame, "%c%zu ,\"ok\":false,\"skipped\":", FRAME_SKIPPED, index);
	json_put_string(&frame, missed->id.bytes, missed->id.length);
	text_put(&frame, ",\"durationUs\":0");
	send_bytes(&frame);
	text_free(&frame);
}

static const char *enter_namespace(void)
{
	if (unshare(CLONE_NEWNS) != 0)
		return "unshare(CLONE_NEWNS)";
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		return "mount(/, MS_REC|MS_PRIVATE)";
	return NULL;
}

static void refuse(const char *call, int error)
{
	char words[100];

	snprintf(words, sizeof words, "%s: %s", call, errno_name(error));
	send_frame(FRAME_REFUSED, words);
	_exit(0);
}

static void await_plan(int orders, struct request *plan)
{
	struct text line = { 0 };
	char buffer[16384], reason[1024];
	ssize_t length;

	while ((length = read(orders, buffer, sizeof buffer)) > 0 || (length < 0 && errno == EINTR))
		if (length > 0)
			text_add(&line, buffer, (size_t)length);
	close(orders);
	if (!request_parse(line.bytes, line.length, plan, reason))
		_exit(1); /* no plan will come */
	text_free(&line);
}

/*
 * A loop device whose file lies on FUSE cannot be known for ours when the daemon is gone (LOOP_GET_STATUS64 looks at the
 * file), so all are told to let go with their last mount, which goes while the daemons are there.
 */
static void ignore(const char *device)
{
	(void)device;
}

void worker_begin(const struct link *link)
{
	supervisor = *link;
}

void worker_run(int orders)
{
	sigset_t none;
	struct request plan;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* Ended with all that it starts: what it waits for in the kernel may be a daemon of its own. */
	setpgid(0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	const char *failed = enter_namespace();
	int error = errno;
	send_frame(FRAME_SETTLED, "");
	await_plan(orders, &plan);
	if (failed)
		refuse(failed, error);
	send_frame(FRAME_READY, "");
	bool *done = allocate(plan.step_count * sizeof *done);
	for (size_t i = 0; i < plan.step_count; i++) {
		const struct step *step = &plan.steps[i];
		size_t need = 0;
		while (need < step->need_count && done[step->needs[need]])
			need++;
		if (need < step->need_count)
			skip_step(i, &plan.steps[step->needs[need]]);
		else
			done[i] = run_step(step, i);
	}
	if (watch_latest())
		detach_loops(ignore);
	send_frame(FRAME_FINISHED, "");
	_exit(0);
}
