#ifndef FATHOM_ERRNO_NAME_H
#define FATHOM_ERRNO_NAME_H

/* `EINVAL` for 22; `E1234` for what has no name. Valid until the next call. */
const char *errno_name(int error);

#endif
