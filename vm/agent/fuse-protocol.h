/* What the kernel and a FUSE daemon say to each other: <linux/fuse.h>, and what older headers have not got of it. */
#ifndef FATHOM_FUSE_PROTOCOL_H
#define FATHOM_FUSE_PROTOCOL_H

#include <linux/fuse.h>
#include <stdint.h>
#include <sys/ioctl.h>

/* Of 6.9, minor version 40: passthrough. The names are not the header's, so that a newer one is no clash. */
#define MINOR_VERSION 40
#define EXTENDED_FLAGS (1u << 30)      /* FUSE_INIT_EXT, 5.17 */
#define EXTENDED_PASSTHROUGH (1u << 5) /* FUSE_PASSTHROUGH, in flags2 */
#define OPEN_PASSTHROUGH (1u << 7)     /* FOPEN_PASSTHROUGH */

/* struct fuse_init_in: 16 bytes before 5.17. */
struct init_request {
	uint32_t major, minor, max_readahead, flags;
	uint32_t flags2, unused[11];
};

/* struct fuse_init_out */
struct init_answer {
	uint32_t major, minor, max_readahead, flags;
	uint16_t max_background, congestion_threshold;
	uint32_t max_write, time_gran;
	uint16_t max_pages, map_alignment;
	uint32_t flags2, max_stack_depth, unused[6];
};

/* struct fuse_open_out */
struct open_answer {
	uint64_t handle;
	uint32_t flags;
	int32_t backing_id;
};

/* struct fuse_backing_map */
struct backing_map {
	int32_t fd;
	uint32_t flags;
	uint64_t padding;
};

#define BACKING_OPEN _IOW(229, 1, struct backing_map) /* FUSE_DEV_IOC_BACKING_OPEN */
#define BACKING_CLOSE _IOW(229, 2, uint32_t)	      /* FUSE_DEV_IOC_BACKING_CLOSE */

#endif
