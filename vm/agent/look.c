/* Whether something is there. */
#include <sys/stat.h>

#include "operations.h"

bool look_operation(const struct operation *operation, struct outcome *outcome)
{
	struct stat status;

	return lstat(operation->path, &status) == 0 || failed(outcome, "lstat");
}
