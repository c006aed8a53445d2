/* What makes memory scarce, the kernel's counters that show it, and how it is taken away after the plan. */
#ifndef FATHOM_PRESSURE_H
#define FATHOM_PRESSURE_H

#include "operations.h"

bool cgroup_operation(const struct operation *operation, struct outcome *outcome);
bool counters_operation(const struct operation *operation, struct outcome *outcome);
bool hog_operation(const struct operation *operation, struct outcome *outcome);
bool swap_operation(const struct operation *operation, struct outcome *outcome);
bool verity_operation(const struct operation *operation, struct outcome *outcome);

/*
 * Takes away what is at a path that `created` was told of, once: true if it is gone. False, with errno, if it is still
 * in use and another try may do. Each knows by the path whether it is its own.
 */
bool is_cgroup(const char *path);
bool remove_cgroup(const char *path);
bool is_zram(const char *path);
bool remove_zram(const char *path);
bool is_mapped(const char *path);
bool remove_mapped(const char *path);

#endif
