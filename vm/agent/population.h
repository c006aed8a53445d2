/* What is below a directory: names to choose from. */
#ifndef FATHOM_POPULATION_H
#define FATHOM_POPULATION_H

#include <stdbool.h>
#include <stddef.h>

#include "random.h"

/* More than that are left out: choosing among them is as good. */
#define MAX_POPULATION 4096

struct names_of_kind {
	char **paths;
	size_t count;
};

/* Paths in byte order of their names, so that the same tree gives the same choice. */
struct population {
	struct names_of_kind files;
	struct names_of_kind directories; /* the root is one */
	struct names_of_kind links;
};

/*
 * Walks the tree; what is in directories of the root that begin with `except` does not count. False with errno. The
 * names belong to the process for good.
 */
bool population_take(struct population *population, const char *root, const char *except);
/* NULL if there are none. */
const char *population_choose(const struct names_of_kind *names, struct random *random);

#endif
