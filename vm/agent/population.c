#include "population.h"

#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>

static void add(struct names_of_kind *names, const char *path)
{
	if (names->count == MAX_POPULATION)
		return;
	if (!names->paths)
		names->paths = calloc(MAX_POPULATION, sizeof *names->paths);
	char *copy = strdup(path);
	if (!names->paths || !copy)
		abort();
	names->paths[names->count++] = copy;
}

static int compare(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static bool take_entry(struct population *population, FTS *tree, FTSENT *entry, const char *except)
{
	switch (entry->fts_info) {
	case FTS_D:
		if (entry->fts_level == 1 && *except && strncmp(entry->fts_name, except, strlen(except)) == 0)
			fts_set(tree, entry, FTS_SKIP);
		else
			add(&population->directories, entry->fts_path);
		return true;
	case FTS_F:
		add(&population->files, entry->fts_path);
		return true;
	case FTS_SL:
		add(&population->links, entry->fts_path);
		return true;
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		errno = entry->fts_errno;
		/* Another process may be removing things. */
		return errno == ENOENT && entry->fts_level > 0;
	default:
		return true;
	}
}

bool population_take(struct population *population, const char *root, const char *except)
{
	char *path = strdup(root);
	char *roots[] = { path, NULL };
	FTS *tree = path ? fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, compare) : NULL;
	bool good = tree;
	int error = 0;

	while (good) {
		errno = 0;
		FTSENT *entry = fts_read(tree);
		if (!entry)
			break;
		good = take_entry(population, tree, entry, except);
	}
	if (errno) {
		good = false;
		error = errno;
	}
	if (tree)
		fts_close(tree);
	free(path);
	errno = error;
	return good;
}

const char *population_choose(const struct names_of_kind *names, struct random *random)
{
	/* Drawn in any case, so that what comes after does not depend on what is there. */
	unsigned index = random_below(random, names->count ? (unsigned)names->count : 1);

	return names->count ? names->paths[index] : NULL;
}
