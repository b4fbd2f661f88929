// SPDX-License-Identifier: MIT
/* drivers/base/platform.c - the bus of devices that cannot be enumerated. */
#include <linux/init.h>
#include <linux/platform_device.h>
#include <linux/string.h>

static int platform_match(struct device *dev, struct device_driver *drv)
{
	struct platform_device *pdev = to_platform_device(dev);
	const struct platform_device_id *id = to_platform_driver(drv)->id_table;

	for (; id && id->name[0]; id++) {
		if (!strcmp(pdev->name, id->name))
			return 1;
	}
	return !strcmp(pdev->name, drv->name);
}

static int platform_probe(struct device *dev)
{
	return to_platform_driver(dev->driver)->probe(to_platform_device(dev));
}

static int platform_remove(struct device *dev)
{
	struct platform_driver *drv = to_platform_driver(dev->driver);

	return drv->remove ? drv->remove(to_platform_device(dev)) : 0;
}

static struct bus_type platform_bus_type = {
	.name = "platform",
	.match = platform_match,
	.probe = platform_probe,
	.remove = platform_remove,
};

int platform_device_register(struct platform_device *pdev)
{
	pdev->dev.bus = &platform_bus_type;
	dev_set_name(&pdev->dev, "%s.%d", pdev->name, pdev->id);
	return device_register(&pdev->dev);
}

void platform_device_unregister(struct platform_device *pdev)
{
	device_unregister(&pdev->dev);
}

int platform_driver_register(struct platform_driver *drv)
{
	drv->driver.bus = &platform_bus_type;
	return driver_register(&drv->driver);
}

void platform_driver_unregister(struct platform_driver *drv)
{
	driver_unregister(&drv->driver);
}

/**
 * platform_get_resource - a device's register window or interrupt
 * @pdev: device
 * @type: IORESOURCE_MEM or IORESOURCE_IRQ
 * @num: which of them
 */
struct resource *platform_get_resource(struct platform_device *pdev, unsigned int type, unsigned int num)
{
	u32 i;

	for (i = 0; i < pdev->num_resources; i++) {
		if ((pdev->resource[i].flags & type) && num-- == 0)
			return &pdev->resource[i];
	}
	return NULL;
}

int platform_get_irq(struct platform_device *pdev, unsigned int num)
{
	struct resource *r = platform_get_resource(pdev, IORESOURCE_IRQ, num);

	return r ? (int)r->start : -ENXIO;
}

static int platform_bus_init(void)
{
	return bus_register(&platform_bus_type);
}
core_initcall(platform_bus_init);
