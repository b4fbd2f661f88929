/* SPDX-License-Identifier: MIT */
/*
 * linux/lguest_launcher.h - what the lguest Launcher tells its Guest: the page
 * of devices behind the Guest's own memory.
 */
#ifndef _LINUX_LGUEST_LAUNCHER_H
#define _LINUX_LGUEST_LAUNCHER_H

#include <linux/types.h>

/*
 * One device. Behind it in the page: @num_vq times struct lguest_vqconfig,
 * @feature_len bytes of features offered and as many of features accepted, and
 * @config_len bytes of configuration space.
 */
struct lguest_device_desc {
	__u8 type;		/* of device, as in spec section 5; 0 ends the page */
	__u8 num_vq;
	__u8 feature_len;
	__u8 config_len;
	__u8 status;		/* VIRTIO_CONFIG_S_*, the Guest writes it */
	__u8 config[];
};

/* Where a queue is: the Launcher has made it. */
struct lguest_vqconfig {
	__u16 num;		/* entries */
	__u16 irq;		/* line of its own */
	__u32 pfn;		/* page number of its ring */
};

#define LGUEST_VRING_ALIGN	4096

#endif
