#include "tracer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "agent.h"

bool tracer_open(struct tracer *tracer, struct outcome *outcome)
{
	char enabled[8];

	tracer->table = -1;
	tracer->max_size = open("/sys/kernel/tracing/stack_max_size", O_RDWR | O_CLOEXEC);
	if (tracer->max_size >= 0)
		tracer->table = open("/sys/kernel/tracing/stack_trace", O_RDONLY | O_CLOEXEC);
	if (tracer->table < 0) {
		failed(outcome, "stack tracer");
	} else if (!read_small_file("/proc/sys/kernel/stack_tracer_enabled", enabled, sizeof enabled)) {
		failed(outcome, "stack tracer");
	} else if (enabled[0] == '0') {
		errno = ENODATA;
		failed(outcome, "stack tracer");
	} else {
		return true;
	}
	tracer_close(tracer);
	return false;
}

void tracer_close(const struct tracer *tracer)
{
	if (tracer->max_size >= 0)
		close(tracer->max_size);
	if (tracer->table >= 0)
		close(tracer->table);
}

static bool put_max_size(const struct tracer *tracer, const char *bytes)
{
	return pwrite(tracer->max_size, bytes, strlen(bytes), 0) >= 0;
}

bool tracer_reset(const struct tracer *tracer)
{
	return put_max_size(tracer, "0");
}

bool tracer_read(const struct tracer *tracer, struct peak *peak)
{
	ssize_t length = pread(tracer->max_size, peak->max_size, sizeof peak->max_size - 1, 0);

	/* No stack is deeper than that: the table stays what it is while it is read. */
	if (length < 0 || !put_max_size(tracer, "2147483647"))
		return false;
	peak->max_size[length] = '\0';
	peak->length = 0;
	while ((length = read(tracer->table, peak->table + peak->length, sizeof peak->table - peak->length)) > 0)
		peak->length += (size_t)length;
	return put_max_size(tracer, peak->max_size) && length == 0;
}
