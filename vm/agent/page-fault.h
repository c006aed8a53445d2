/* Pages of a mapping that cannot be had: a read error, no room, beyond the end of the file. */
#ifndef FATHOM_PAGE_FAULT_H
#define FATHOM_PAGE_FAULT_H

#include <stdbool.h>

/* False when the access has met such a page (SIGBUS) and was broken off there. */
bool reached_all_pages(void (*access)(void *context), void *context);

#endif
