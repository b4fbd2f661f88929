/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_MOD_DEVICETABLE_H
#define _LINUX_MOD_DEVICETABLE_H

#include <linux/types.h>

#define VIRTIO_DEV_ANY_ID	0xffffffff

struct virtio_device_id {
	__u32 device;
	__u32 vendor;
};

struct pci_device_id {
	__u32 vendor;
	__u32 device;
};

struct platform_device_id {
	char name[20];
	unsigned long driver_data;
};

struct of_device_id {
	char name[32];
	char type[32];
	char compatible[128];
	const void *data;
};

#endif
