// SPDX-License-Identifier: MIT
/* drivers/base/core.c - devices and drivers of a bus find each other. */
#include <linux/device.h>
#include <linux/string.h>

int bus_register(struct bus_type *bus)
{
	INIT_LIST_HEAD(&bus->devices);
	INIT_LIST_HEAD(&bus->drivers);
	return 0;
}

void bus_unregister(struct bus_type *bus)
{
	WARN_ON(!list_empty(&bus->devices));
}

/* Drivers whose probe fails leave the device to the next one. */
static void driver_probe_device(struct device_driver *drv, struct device *dev)
{
	int err;

	if (dev->driver || !dev->bus->match(dev, drv))
		return;
	dev->driver = drv;
	err = dev->bus->probe(dev);
	if (!err)
		return;
	dev->driver = NULL;
	dev->driver_data = NULL;
	/* -ENODEV and -ENXIO only say: not mine. */
	if (err != -ENODEV && err != -ENXIO)
		printk(KERN_WARNING "%s: probe of %s failed with error %d\n", drv->name, dev_name(dev), err);
}

static void device_release_driver(struct device *dev)
{
	if (!dev->driver)
		return;
	if (dev->bus->remove)
		dev->bus->remove(dev);
	dev->driver = NULL;
	dev->driver_data = NULL;
}

int dev_set_name(struct device *dev, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(dev->name, sizeof(dev->name), fmt, args);
	va_end(args);
	return 0;
}

const char *dev_driver_string(const struct device *dev)
{
	if (dev->driver)
		return dev->driver->name;
	return dev->bus ? dev->bus->name : "";
}

/**
 * device_register - put a device on its bus and look for a driver
 * @dev: device with bus and name
 */
int device_register(struct device *dev)
{
	struct device_driver *drv;

	list_add_tail(&dev->node, &dev->bus->devices);
	list_for_each_entry(drv, &dev->bus->drivers, node)
		driver_probe_device(drv, dev);
	return 0;
}

void device_unregister(struct device *dev)
{
	device_release_driver(dev);
	list_del(&dev->node);
	if (dev->release)
		dev->release(dev);
}

/**
 * driver_register - put a driver on its bus and offer it the devices there
 * @drv: driver with bus and name
 */
int driver_register(struct device_driver *drv)
{
	struct device *dev, *n;

	list_add_tail(&drv->node, &drv->bus->drivers);
	list_for_each_entry_safe(dev, n, &drv->bus->devices, node)
		driver_probe_device(drv, dev);
	return 0;
}

void driver_unregister(struct device_driver *drv)
{
	struct device *dev, *n;

	list_for_each_entry_safe(dev, n, &drv->bus->devices, node) {
		if (dev->driver == drv)
			device_release_driver(dev);
	}
	list_del(&drv->node);
}
