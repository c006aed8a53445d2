/* A directory mounted once more, read-only or unbindable where it is asked for. */
#include <sys/mount.h>

#include "operations.h"

bool bind_operation(const struct operation *operation, struct outcome *outcome)
{
	const char *target = operation->target;

	if (mount(operation->source, target, NULL, MS_BIND, NULL) != 0)
		return failed(outcome, "mount(bind)");
	if (operation->rdonly && mount(NULL, target, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) != 0)
		return failed(outcome, "mount(remount,bind,ro)");
	return !operation->unbindable || mount(NULL, target, NULL, MS_UNBINDABLE, NULL) == 0 || failed(outcome, "mount(unbindable)");
}
