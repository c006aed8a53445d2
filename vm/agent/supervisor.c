#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent.h"
#include "fuse-watch.h"
#include "leftovers.h"
#include "plan.h"
#include "step-log.h"
#include "where.h"
#include "worker.h"

#define MILLISECOND 1000000LL
/* For what has no deadline of its own, unless the plan's longest is longer: that one is scaled for the machine. */
#define LEAST_PATIENCE (10000 * MILLISECOND)
/* How long a killed worker may take to die before it is called stuck in the kernel. */
#define DYING_TIME (2000 * MILLISECOND)
/* How long the first worker is given to get to its place before the host is told that we are there, in ms. */
#define SETTLING_MS 2000
/* How often to look at the log, and for frames without a knock, while a step goes on. */
#define TICK_MS 250

enum phase {
	IDLE,
	RUNNING,  /* the worker is at its steps */
	LEAVING,  /* it has done them, and its namespace is being taken down */
	KILLED,	  /* it was stuck */
	CLEANING, /* the next plan's worker looks after leftovers */
};

struct supervisor {
	struct port *port;
	int signals;
	bool ending;
	enum phase phase;
	struct request plan;
	int64_t patience;
	pid_t child;
	bool reaped;
	int status;
	int orders; /* the waiting worker's plan goes in here; -1: there is none */
	struct link link;
	struct text frames;
	/* When the child has to have gone on, steps apart; 0: no limit. */
	int64_t limit;
	struct step_log log;
	struct snapshot before;
	struct text created;
	struct text leftovers; /* JSON strings */
	/* Why no more plans are run: the kernel may be broken. */
	struct text wedged;
};

static void begin_line(const struct supervisor *s, struct text *line, const char *type)
{
	text_format(line, "{\"v\":%d,\"type\":\"%s\",\"plan\":", PROTOCOL_VERSION, type);
	json_put_string(line, s->plan.id.bytes, s->plan.id.length);
}

static struct string step_id(const struct supervisor *s, size_t index)
{
	return index < s->plan.step_count ? s->plan.steps[index].id : (struct string){ .bytes = "" };
}

static void put_step(const struct supervisor *s, struct text *line, size_t index)
{
	struct string id = step_id(s, index);

	text_put(line, ",\"step\":");
	json_put_string(line, id.bytes, id.length);
}

static void send_line(struct supervisor *s, struct text *line)
{
	text_put(line, "}");
	port_send(s->port, line);
	text_free(line);
}

static void send_fault(struct supervisor *s, const char *reason)
{
	struct text line = { 0 };

	text_format(&line, "{\"v\":%d,\"type\":\"fault\"", PROTOCOL_VERSION);
	json_member_string(&line, "reason", reason);
	send_line(s, &line);
}

static void add_leftover(struct supervisor *s, const char *leftover)
{
	if (s->leftovers.length)
		text_put(&s->leftovers, ",");
	json_put_string(&s->leftovers, leftover, strlen(leftover));
}

/* ---- the course of a plan ---- */

static int close_all(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	return *fd = -1;
}

/* Of the child, which is dead or given up. */
static void close_link(struct supervisor *s)
{
	s->child = 0;
	s->reaped = false;
	close_all(&s->orders);
	close_all(&s->link.pipe);
	close_all(&s->link.knock);
	close_all(&s->link.sent);
	text_free(&s->frames);
}

/* The child, if there is one, is the next plan's worker. */
static void finish_plan(struct supervisor *s)
{
	struct text line = { 0 };

	kmsg_mark("done", s->plan.id.bytes, s->plan.id.length);
	begin_line(s, &line, "done");
	text_put(&line, ",\"leftovers\":[");
	text_add(&line, s->leftovers.bytes, s->leftovers.length);
	text_put(&line, "],\"messages\":");
	step_log_end(&s->log, &line);
	send_line(s, &line);
	/* Beside other agents much may have changed that is not ours. */
	if (s->leftovers.length || agent_pid != 1) {
		snapshot_free(&s->before);
		snapshot_take(&s->before);
	}
	text_free(&s->created);
	text_free(&s->leftovers);
	request_free(&s->plan);
	s->limit = 0;
	s->phase = IDLE;
}

static bool make_link(struct supervisor *s, int pipe_ends[2], int order_ends[2])
{
	s->link.sent = eventfd(0, EFD_CLOEXEC);
	s->link.knock = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	s->link.progress->begun_ns = 0;
	return s->link.sent >= 0 && s->link.knock >= 0 && pipe2(pipe_ends, O_CLOEXEC) == 0 && pipe2(order_ends, O_CLOEXEC) == 0 &&
	       fcntl(pipe_ends[0], F_SETFL, O_NONBLOCK) == 0;
}

_Noreturn static void be_worker(struct supervisor *s, int pipe, int orders, bool cleaning)
{
	close(s->port->in);
	if (s->port->out != s->port->in)
		close(s->port->out);
	close(s->signals);
	kmsg_close(&s->log.kmsg);
	s->link.pipe = pipe;
	worker_begin(&s->link);
	if (cleaning)
		leftovers_run(&s->before, &s->created, s->patience / 2);
	worker_run(orders);
}

/*
 * The next plan's worker is at its place before the plan is there: a template is frozen with it, so that no clone has to
 * fork and to make a namespace, the slowest of what an emulated guest does before its first step.
 */
static bool start_worker(struct supervisor *s, bool cleaning)
{
	int pipe_ends[2] = { -1, -1 }, order_ends[2] = { -1, -1 };
	pid_t child;

	close_link(s);
	child = make_link(s, pipe_ends, order_ends) ? fork() : -1;
	if (child == 0) {
		close(pipe_ends[0]);
		close(order_ends[1]);
		be_worker(s, pipe_ends[1], order_ends[0], cleaning);
	}
	s->link.pipe = pipe_ends[0];
	s->orders = order_ends[1];
	close_all(&pipe_ends[1]);
	close_all(&order_ends[0]);
	if (child < 0) {
		close_link(s);
		return false;
	}
	s->child = child;
	return true;
}

static void start_cleaning(struct supervisor *s)
{
	s->phase = CLEANING;
	s->limit = now_ns() + s->patience;
	if (!start_worker(s, true)) {
		send_fault(s, "no clean-up: fork failed");
		finish_plan(s);
	}
}

/* It is waiting, or dying: it is not in the kernel for long. */
static void end_worker(struct supervisor *s)
{
	if (s->child && !s->reaped) {
		kill(s->child, SIGKILL);
		waitpid(s->child, NULL, 0);
	}
	close_link(s);
}

static void send_whole(int fd, const char *bytes, size_t length)
{
	while (length) {
		ssize_t written = write(fd, bytes, length);
		if (written < 0 && errno != EINTR)
			return; /* it is dead, which is noticed as any death */
		if (written > 0) {
			bytes += written;
			length -= (size_t)written;
		}
	}
}

/* `line` is what the plan was read from. */
static void start_plan(struct supervisor *s, struct request *plan, const char *line, size_t length)
{
	s->plan = *plan;
	s->patience = LEAST_PATIENCE;
	for (size_t i = 0; i < plan->step_count; i++)
		if (plan->steps[i].deadline_ms * MILLISECOND > s->patience)
			s->patience = plan->steps[i].deadline_ms * MILLISECOND;
	s->link.progress->step = plan->step_count;
	watch_reset();
	s->phase = RUNNING;
	s->limit = now_ns() + s->patience;
	if (s->orders < 0 && !start_worker(s, false)) {
		send_fault(s, "the plan is not run: fork failed");
		finish_plan(s);
		return;
	}
	send_whole(s->orders, line, length);
	close_all(&s->orders);
}

static void send_stuck(struct supervisor *s, const char *how, int signal, const char *stack)
{
	struct text line = { 0 };
	struct string id = step_id(s, s->link.progress->step);

	/* Besides telling the console, a new record makes the last one visible if the kernel left it open. */
	kmsg_mark("stuck", id.bytes, id.length);
	begin_line(s, &line, "stuck");
	put_step(s, &line, s->link.progress->step);
	json_member_string(&line, "how", how);
	if (signal)
		json_member_integer(&line, "signal", signal);
	json_member_string(&line, "stack", stack);
	step_log_take(&s->log, &line, false);
	send_line(s, &line);
}

static void kill_group(pid_t child)
{
	kill(child, SIGKILL);
	kill(-child, SIGKILL);
}

static void kill_child(struct supervisor *s)
{
	kill_group(s->child);
	s->phase = KILLED;
	s->limit = now_ns() + DYING_TIME;
}

static void worker_died(struct supervisor *s)
{
	char words[64] = "";

	if (WIFEXITED(s->status))
		snprintf(words, sizeof words, "the worker ended with status %d", WEXITSTATUS(s->status));
	else
		text_format(&s->wedged, "a worker died of signal %d", WTERMSIG(s->status));
	send_stuck(s, "signal", WIFSIGNALED(s->status) ? WTERMSIG(s->status) : 0, words);
	start_cleaning(s);
}

static void child_gone(struct supervisor *s)
{
	s->limit = 0;
	switch (s->phase) {
	case IDLE: /* it was waiting: another one will run the next plan */
		close_link(s);
		return;
	case RUNNING:
		worker_died(s);
		return;
	case CLEANING:
		send_fault(s, "the clean-up died");
		close_link(s);
		finish_plan(s);
		return;
	case LEAVING:
	case KILLED:
		start_cleaning(s);
		return;
	}
}

/* Nothing more can be done about this child, or with this kernel. */
static void give_up(struct supervisor *s, const char *what)
{
	struct text words = { 0 };

	text_format(&words, "%s (pid %d)\n", what, (int)s->child);
	describe_process(s->child, &words);
	add_leftover(s, words.bytes);
	text_free(&words);
	text_put(&s->wedged, what);
	kill_group(s->child);
	close_link(s);
	finish_plan(s);
}

/* Whether it is the kernel that hangs, as far as can be told. */
static bool send_hung(struct supervisor *s)
{
	struct text description = { 0 };

	if (watch_finds_fault(&description)) {
		send_stuck(s, "daemon", 0, description.bytes);
		text_free(&description);
		return false;
	}
	describe_process(s->child, &description);
	log_blocked_tasks(&description);
	send_stuck(s, "deadline", 0, description.bytes);
	text_free(&description);
	return true;
}

static void limit_passed(struct supervisor *s)
{
	switch (s->phase) {
	case IDLE:
		return;
	case RUNNING:
		send_hung(s);
		kill_child(s);
		return;
	case LEAVING:
		if (send_hung(s))
			give_up(s, "the worker hangs while its mounts are taken down");
		else
			kill_child(s);
		return;
	case KILLED:
		give_up(s, "the killed worker is still in the kernel");
		return;
	case CLEANING:
		send_hung(s);
		give_up(s, "the clean-up hangs");
		return;
	}
}

/* ---- frames ---- */

static void take_result(struct supervisor *s, const char *words, bool was_run)
{
	struct text line = { 0 };
	char *members;
	size_t index = strtoul(words, &members, 10);

	begin_line(s, &line, "result");
	put_step(s, &line, index);
	text_put(&line, members + 1);
	if (was_run)
		step_log_take(&s->log, &line, true);
	else
		text_put(&line, ",\"messages\":[]");
	send_line(s, &line);
}

static void misbehave(struct supervisor *s, enum misbehaviour how)
{
	static const char garbage[] = "\x80\xff{\"v\":1,\"type\":\"res\n\0\n]]\n";

	if (how == MISBEHAVE_GARBAGE)
		port_send_raw(s->port, garbage, sizeof garbage - 1);
	else if (how == MISBEHAVE_EXIT)
		_exit(1);
	else if (how == MISBEHAVE_STOP)
		for (;;)
			pause();
}

static void refused(struct supervisor *s, const char *why)
{
	struct text reason = { 0 };

	text_format(&reason, "the plan is not run: %s", why);
	send_fault(s, reason.bytes);
	text_free(&reason);
	s->phase = LEAVING;
}

static void take_frame(struct supervisor *s, const char *frame)
{
	const char *words = frame + 1;

	if (*frame == FRAME_CREATED) {
		text_add(&s->created, words, strlen(words) + 1);
		return;
	}
	if (s->phase == KILLED) /* too late */
		return;
	switch ((enum frame)*frame) {
	case FRAME_LEFTOVER:
		add_leftover(s, words);
		break;
	case FRAME_SETTLED:
		if (s->phase == CLEANING)
			finish_plan(s);
		break;
	case FRAME_READY:
		s->limit = 0;
		break;
	case FRAME_REFUSED:
		refused(s, words);
		break;
	case FRAME_RESULT:
		take_result(s, words, true);
		port_flush(s->port);
		(void)!write(s->link.sent, &(uint64_t){ 1 }, sizeof(uint64_t));
		break;
	case FRAME_SKIPPED:
		take_result(s, words, false);
		break;
	case FRAME_MISBEHAVE:
		misbehave(s, (enum misbehaviour)atoi(words));
		break;
	case FRAME_FINISHED:
		s->phase = LEAVING;
		s->limit = now_ns() + s->patience;
		break;
	case FRAME_BROKEN:
		send_stuck(s, "daemon", 0, words);
		kill_child(s);
		break;
	case FRAME_CREATED:
		break;
	}
}

static void read_frames(struct supervisor *s)
{
	char buffer[65536];
	ssize_t length = read(s->link.pipe, buffer, sizeof buffer);
	size_t used = 0;

	if (length < 0)
		return;
	if (length == 0) {
		close_all(&s->link.pipe);
		return;
	}
	size_t searched = s->frames.length;
	text_add(&s->frames, buffer, (size_t)length);
	for (;;) {
		char *end = memchr(s->frames.bytes + searched, '\0', s->frames.length - searched);
		if (!end)
			break;
		take_frame(s, s->frames.bytes + used);
		used = searched = (size_t)(end - s->frames.bytes) + 1;
	}
	text_consume(&s->frames, used);
}

/* ---- the host ---- */

static void take_plan(struct supervisor *s, struct request *plan, const char *line, size_t length)
{
	struct text reason = { 0 };

	if (s->phase == IDLE && !s->wedged.length) {
		start_plan(s, plan, line, length);
		return;
	}
	if (s->phase != IDLE)
		text_put(&reason, "a plan is running already");
	else
		text_format(&reason, "no more plans in this machine: %s", s->wedged.bytes);
	send_fault(s, reason.bytes);
	text_free(&reason);
	request_free(plan);
}

static void take_line(void *context, const char *bytes, size_t length, bool too_long)
{
	struct supervisor *s = context;
	struct request request;
	char reason[1024] = "";

	if (too_long) {
		snprintf(reason, sizeof reason, "a line longer than %d bytes", MAX_LINE_BYTES);
		send_fault(s, reason);
	} else if (!request_parse(bytes, length, &request, reason)) {
		send_fault(s, reason);
	} else if (request.kind == REQUEST_PING) {
		struct text line = { 0 };
		text_format(&line, "{\"v\":%d,\"type\":\"pong\",\"id\":", PROTOCOL_VERSION);
		json_put_string(&line, request.id.bytes, request.id.length);
		send_line(s, &line);
		request_free(&request);
	} else {
		take_plan(s, &request, bytes, length);
	}
}

static void reap(struct supervisor *s)
{
	int status;

	for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
		if (pid == s->child) {
			s->reaped = true;
			s->status = status;
		}
}

static void take_signals(struct supervisor *s)
{
	struct signalfd_siginfo info;

	while (read(s->signals, &info, sizeof info) == sizeof info) {
		if (info.ssi_signo == SIGCHLD)
			reap(s);
		else if (info.ssi_signo == SIGIO) /* the host has come, or gone: poll(2) tells which */
			s->port->connected = true;
		else
			s->ending = true;
	}
}

/* When something has to have happened, 0 for never. */
static int64_t limit_of(const struct supervisor *s)
{
	const struct progress *progress = s->link.progress;
	int64_t begun_ns = progress->begun_ns;

	if (port_is_full(s->port))
		return 0;
	if (s->phase == RUNNING && begun_ns)
		return begun_ns + s->plan.steps[progress->step].deadline_ms * MILLISECOND;
	return s->limit;
}

/* The worker goes on meanwhile: its limit is read once. */
static bool is_overdue(const struct supervisor *s)
{
	int64_t limit = limit_of(s);

	return limit && now_ns() >= limit;
}

static int time_left(const struct supervisor *s)
{
	int64_t limit = limit_of(s);
	int64_t left = limit ? (limit - now_ns() + MILLISECOND - 1) / MILLISECOND : INT_MAX;

	if (s->phase == RUNNING && left > TICK_MS)
		return TICK_MS;
	return left < 0 ? 0 : left == INT_MAX ? -1 : (int)left;
}

enum { WATCH_SIGNALS, WATCH_IN, WATCH_OUT, WATCH_FRAMES, WATCH_KMSG, WATCH_COUNT };

static void wait_for_anything(struct supervisor *s, struct pollfd polls[WATCH_COUNT])
{
	bool full = port_is_full(s->port);
	bool reading = s->port->connected && !s->port->ended && !full;
	bool writing = s->port->connected && s->port->head;
	/* A worker at its steps wakes nobody but by its knock; the rest of a frame that has begun is waited for. */
	bool quiet = s->phase == RUNNING && !s->frames.length;
	bool logging = s->phase != IDLE && s->phase != RUNNING && !s->log.closed;

	polls[WATCH_SIGNALS] = (struct pollfd){ s->signals, POLLIN, 0 };
	polls[WATCH_IN] = (struct pollfd){ reading ? s->port->in : -1, POLLIN, 0 };
	polls[WATCH_OUT] = (struct pollfd){ writing ? s->port->out : -1, POLLOUT, 0 };
	polls[WATCH_FRAMES] = (struct pollfd){ full ? -1 : quiet ? s->link.knock : s->link.pipe, POLLIN, 0 };
	polls[WATCH_KMSG] = (struct pollfd){ logging ? s->log.kmsg.fd : -1, POLLIN, 0 };
	poll(polls, WATCH_COUNT, time_left(s));
}

/* A virtio port without a host is hung up for good: not looked at again until SIGIO says that this has changed. */
static void handle_port(struct supervisor *s, short in, short out)
{
	if (in & POLLIN)
		port_read(s->port, take_line, s);
	else if (s->port->is_virtio && ((in | out) & POLLHUP))
		port_disconnected(s->port);
	else if (in & (POLLHUP | POLLERR | POLLNVAL))
		s->port->ended = true;
	if ((out & (POLLERR | POLLNVAL)) && !s->port->is_virtio)
		port_flush(s->port); /* learns why, and gives up */
}

static void turn(struct supervisor *s)
{
	struct pollfd polls[WATCH_COUNT];

	wait_for_anything(s, polls);
	if (polls[WATCH_SIGNALS].revents)
		take_signals(s);
	(void)!read(s->link.knock, &(uint64_t){ 0 }, sizeof(uint64_t));
	if (s->link.pipe >= 0 && !port_is_full(s->port))
		read_frames(s);
	if (s->phase != IDLE)
		step_log_read(&s->log);
	handle_port(s, polls[WATCH_IN].revents, polls[WATCH_OUT].revents);
	if (s->child && s->reaped && s->link.pipe < 0)
		child_gone(s);
	else if (is_overdue(s))
		limit_passed(s);
	if (s->ending && s->phase == RUNNING)
		kill_child(s);
}

static int open_signals(void)
{
	sigset_t set;

	sigprocmask(SIG_BLOCK, NULL, &set);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static struct progress *share_progress(void)
{
	struct progress *progress = mmap(NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (progress == MAP_FAILED)
		abort();
	return progress;
}

void supervise(struct port *port, struct kmsg kmsg)
{
	struct supervisor s = { .port = port, .log.kmsg = kmsg, .signals = open_signals(), .orders = -1 };

	watch_init();
	s.link = (struct link){ .progress = share_progress(), .pipe = -1, .knock = -1, .sent = -1 };
	snapshot_take(&s.before);
	if (start_worker(&s, false))
		poll(&(struct pollfd){ s.link.pipe, POLLIN, 0 }, 1, SETTLING_MS);
	for (;;) {
		port_flush(port);
		if (s.phase == IDLE && (s.ending || (port->ended && !port->head)))
			break;
		turn(&s);
	}
	end_worker(&s);
	snapshot_free(&s.before);
	text_free(&s.wedged);
	kmsg_close(&s.log.kmsg);
	close(s.signals);
}
