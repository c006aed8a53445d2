/* FUSE mounts over a directory, each with a daemon of ours that lives as long as its plan. */
#ifndef FATHOM_FUSE_H
#define FATHOM_FUSE_H

#include "operations.h"

bool fuse_operation(const struct operation *operation, struct outcome *outcome);
bool fuse_backing_operation(const struct operation *operation, struct outcome *outcome);

#endif
