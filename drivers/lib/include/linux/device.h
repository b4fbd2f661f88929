/* SPDX-License-Identifier: MIT */
/* linux/device.h - devices, drivers, and the buses that bring them together. */
#ifndef _LINUX_DEVICE_H
#define _LINUX_DEVICE_H

#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/slab.h>
#include <linux/err.h>

struct device;
struct device_driver;
struct module;
struct of_device_id;

struct bus_type {
	const char *name;
	int (*match)(struct device *dev, struct device_driver *drv);
	int (*probe)(struct device *dev);
	int (*remove)(struct device *dev);

	struct list_head devices;
	struct list_head drivers;
};

struct device_driver {
	const char *name;
	struct bus_type *bus;
	struct module *owner;
	const struct of_device_id *of_match_table;
	struct list_head node;
};

struct device {
	struct device *parent;
	struct device_driver *driver;
	struct bus_type *bus;
	char name[20];
	void *driver_data;
	void (*release)(struct device *dev);
	struct list_head node;
};

int bus_register(struct bus_type *bus);
void bus_unregister(struct bus_type *bus);
int device_register(struct device *dev);
void device_unregister(struct device *dev);
int driver_register(struct device_driver *drv);
void driver_unregister(struct device_driver *drv);

__nostep const char *dev_name(const struct device *dev)
{
	return dev->name;
}

int dev_set_name(struct device *dev, const char *fmt, ...) __printf(2, 3);

__nostep void *dev_get_drvdata(const struct device *dev)
{
	return dev->driver_data;
}

__nostep void dev_set_drvdata(struct device *dev, void *data)
{
	dev->driver_data = data;
}

const char *dev_driver_string(const struct device *dev);

/* What a driver reports this way is a finding of the lab as well. */
void _dev_err(const struct device *dev, const char *fmt, ...) __printf(2, 3);
void _dev_warn(const struct device *dev, const char *fmt, ...) __printf(2, 3);

#define dev_printk(level, dev, fmt, ...) \
	printk(level "%s %s: " fmt, dev_driver_string(dev), dev_name(dev), ##__VA_ARGS__)
#define dev_emerg(dev, fmt, ...)	dev_printk(KERN_EMERG, dev, fmt, ##__VA_ARGS__)
#define dev_crit(dev, fmt, ...)		dev_printk(KERN_CRIT, dev, fmt, ##__VA_ARGS__)
#define dev_err(dev, fmt, ...)		_dev_err(dev, fmt, ##__VA_ARGS__)
#define dev_warn(dev, fmt, ...)		_dev_warn(dev, fmt, ##__VA_ARGS__)
#define dev_notice(dev, fmt, ...)	dev_printk(KERN_NOTICE, dev, fmt, ##__VA_ARGS__)
#define dev_info(dev, fmt, ...)		dev_printk(KERN_INFO, dev, fmt, ##__VA_ARGS__)
#ifdef DEBUG
#define dev_dbg(dev, fmt, ...)		dev_printk(KERN_DEBUG, dev, fmt, ##__VA_ARGS__)
#else
#define dev_dbg(dev, fmt, ...)		({ if (0) dev_printk(KERN_DEBUG, dev, fmt, ##__VA_ARGS__); 0; })
#endif

#endif
