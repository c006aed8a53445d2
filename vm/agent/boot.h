/* What PID 1 does before it serves: mounts, modules, the port, caches. */
#ifndef FATHOM_BOOT_H
#define FATHOM_BOOT_H

#include "text.h"

void boot_mount_all(void);
/* Loads /modules/NN-name.ko in the order of /modules/order and frees their memory; puts hello's `modules`. */
void boot_load_modules(struct text *modules);
/* Opens the virtio port of that name; waits until there is one. */
int boot_open_port(const char *name);
/* From here on every kernel message up to info is on the console. */
void boot_raise_console_level(void);
/* Links /run/fathom/disk/SLOT to each SCSI or NVMe disk; once their drivers are loaded. */
void boot_link_disks(void);
/* Leaves no page of any disk in memory: a frozen machine's disks are changed under it. */
void boot_forget_disks(void);

#endif
