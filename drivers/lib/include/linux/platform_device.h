/* SPDX-License-Identifier: MIT */
/*
 * linux/platform_device.h - devices that cannot be enumerated.
 *
 * The machine has one: "virtio-mmio", with a memory resource (the registers)
 * and an interrupt. The first driver of that name whose probe succeeds has it.
 */
#ifndef _LINUX_PLATFORM_DEVICE_H
#define _LINUX_PLATFORM_DEVICE_H

#include <linux/device.h>
#include <linux/ioport.h>
#include <linux/mod_devicetable.h>

struct platform_device {
	const char *name;
	int id;
	struct device dev;
	u32 num_resources;
	struct resource *resource;
};

struct platform_driver {
	int (*probe)(struct platform_device *pdev);
	int (*remove)(struct platform_device *pdev);
	struct device_driver driver;
	const struct platform_device_id *id_table;
};

#define to_platform_device(x)	container_of((x), struct platform_device, dev)
#define to_platform_driver(x)	container_of((x), struct platform_driver, driver)

int platform_device_register(struct platform_device *pdev);
void platform_device_unregister(struct platform_device *pdev);
int platform_driver_register(struct platform_driver *drv);
void platform_driver_unregister(struct platform_driver *drv);
struct resource *platform_get_resource(struct platform_device *pdev, unsigned int type, unsigned int num);
int platform_get_irq(struct platform_device *pdev, unsigned int num);

__nostep void *platform_get_drvdata(const struct platform_device *pdev)
{
	return dev_get_drvdata(&pdev->dev);
}

__nostep void platform_set_drvdata(struct platform_device *pdev, void *data)
{
	dev_set_drvdata(&pdev->dev, data);
}

#define module_platform_driver(__driver)				\
	static int __init __driver##_init(void)				\
	{								\
		return platform_driver_register(&(__driver));		\
	}								\
	module_init(__driver##_init);					\
	static void __exit __driver##_exit(void)			\
	{								\
		platform_driver_unregister(&(__driver));		\
	}								\
	module_exit(__driver##_exit)

#endif
