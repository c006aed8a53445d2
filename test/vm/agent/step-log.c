/* Reads records from a pipe in place of /dev/kmsg: of a pipe in packet mode too, each read(2) gives one. */
#include "step-log.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent.h"

pid_t agent_pid = 1;

/* Arguments: records. `take` and `end` in place of one ask for the step's messages, and for those of no step. */
int main(int count, char **arguments)
{
	struct step_log log = { .kmsg.fd = -1 };
	struct text line = { 0 };
	int ends[2];

	if (pipe2(ends, O_DIRECT | O_NONBLOCK) != 0)
		return 1;
	log.kmsg.fd = ends[0];
	for (int i = 1; i < count; i++) {
		if (strcmp(arguments[i], "take") == 0)
			step_log_take(&log, &line, true);
		else if (strcmp(arguments[i], "end") == 0) {
			text_put(&line, ",\"strays\":");
			step_log_end(&log, &line);
		} else if (write(ends[1], arguments[i], strlen(arguments[i])) < 0)
			return 1;
	}
	printf("{\"v\":1%.*s}\n", (int)line.length, line.bytes);
	text_free(&line);
	text_free(&log.pending.json);
	text_free(&log.strays.json);
	return 0;
}
