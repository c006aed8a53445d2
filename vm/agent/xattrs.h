/* The extended attributes of one entry of a directory. */
#ifndef FATHOM_XATTRS_H
#define FATHOM_XATTRS_H

#include "text.h"

/*
 * A member `xattrs`: all that llistxattr(2) names, value in hexadecimal; empty where the filesystem has none. NULL, or
 * the name of the call that failed, with what could be read put out all the same.
 */
const char *put_xattrs(struct text *out, int directory, const char *name);

#endif
