#include "step-log.h"

#include <stdio.h>

#include "errno-name.h"

void step_log_read(struct step_log *log)
{
	static struct record record;

	while (!log->closed && kmsg_read(&log->kmsg, &record)) {
		/* A marker may be the first record after a gap. */
		messages_note_gap(&log->pending, &record);
		if (kmsg_is_mark(&record, "begin "))
			messages_move(&log->strays, &log->pending);
		else if (kmsg_is_mark(&record, "end "))
			log->closed = true;
		else if (!kmsg_is_mark(&record, NULL))
			messages_add(&log->pending, &record);
	}
}

void step_log_take(struct step_log *log, struct text *line, bool ended)
{
	step_log_read(log);
	if (log->kmsg.fd < 0) {
		char note[100];
		snprintf(note, sizeof note, "fathom: /dev/kmsg cannot be read: %s", errno_name(log->kmsg.error));
		messages_note(&log->pending, 0, 0, note);
	} else if (ended && !log->closed) {
		messages_note(&log->pending, 0, 0, "fathom: the step's end marker is not in the log: messages may be missing or another's");
	}
	text_put(line, ",\"messages\":");
	messages_put(line, &log->pending);
	log->closed = false;
}

void step_log_end(struct step_log *log, struct text *line)
{
	log->closed = false;
	step_log_read(log);
	messages_move(&log->strays, &log->pending);
	messages_put(line, &log->strays);
}
