// SPDX-License-Identifier: MIT
/*
 * drivers/pci/pci.c - the PCI bus: which driver drives which device.
 *
 * Configuration space is not here: what a kernel reads from it while it
 * enumerates the bus (IDs, BARs, the interrupt line) the boot code knows.
 */
#include <linux/init.h>
#include <linux/pci.h>

#define PCI_ANY_ID	(~0u)

static const struct pci_device_id *pci_match_device(const struct pci_driver *drv, const struct pci_dev *dev)
{
	const struct pci_device_id *id;

	for (id = drv->id_table; id->vendor; id++) {
		if ((id->vendor == PCI_ANY_ID || id->vendor == dev->vendor) &&
		    (id->device == PCI_ANY_ID || id->device == dev->device))
			return id;
	}
	return NULL;
}

static int pci_bus_match(struct device *dev, struct device_driver *drv)
{
	return pci_match_device(to_pci_driver(drv), to_pci_dev(dev)) != NULL;
}

static int pci_device_probe(struct device *dev)
{
	struct pci_driver *drv = to_pci_driver(dev->driver);
	struct pci_dev *pci_dev = to_pci_dev(dev);

	return drv->probe(pci_dev, pci_match_device(drv, pci_dev));
}

static int pci_device_remove(struct device *dev)
{
	struct pci_driver *drv = to_pci_driver(dev->driver);

	if (drv->remove)
		drv->remove(to_pci_dev(dev));
	return 0;
}

static struct bus_type pci_bus_type = {
	.name = "pci",
	.match = pci_bus_match,
	.probe = pci_device_probe,
	.remove = pci_device_remove,
};

int pci_device_add(struct pci_dev *dev)
{
	dev->dev.bus = &pci_bus_type;
	/* Bus 0, slot 3: the first that QEMU gives away. */
	dev_set_name(&dev->dev, "0000:00:03.0");
	return device_register(&dev->dev);
}

/**
 * pci_register_driver - offer a driver to the devices there are
 * @drv: driver
 */
int pci_register_driver(struct pci_driver *drv)
{
	drv->driver.name = drv->name;
	drv->driver.bus = &pci_bus_type;
	return driver_register(&drv->driver);
}

void pci_unregister_driver(struct pci_driver *drv)
{
	driver_unregister(&drv->driver);
}

/* From here on it answers at its BARs. */
int pci_enable_device(struct pci_dev *dev)
{
	dev->enabled = true;
	return 0;
}

void pci_disable_device(struct pci_dev *dev)
{
	dev->enabled = false;
}

/* Nobody else wants them. */
int pci_request_regions(struct pci_dev *dev, const char *name)
{
	(void)dev, (void)name;
	return 0;
}

void pci_release_regions(struct pci_dev *dev)
{
	(void)dev;
}

/**
 * pci_iomap - map a BAR for ioread8() and the like, be it memory or I/O ports
 * @dev: device, enabled
 * @bar: number of the BAR
 * @maxlen: bytes at most; 0: all
 */
void __iomem *pci_iomap(struct pci_dev *dev, int bar, unsigned long maxlen)
{
	(void)maxlen;
	if (WARN(!dev->enabled, "pci_iomap: %s is not enabled\n", dev_name(&dev->dev)))
		return NULL;
	if (!pci_resource_len(dev, bar) || !pci_resource_start(dev, bar))
		return NULL;
	return ioremap(pci_resource_start(dev, bar), pci_resource_len(dev, bar));
}

void pci_iounmap(struct pci_dev *dev, void __iomem *addr)
{
	(void)dev;
	iounmap(addr);
}

static int pci_driver_init(void)
{
	return bus_register(&pci_bus_type);
}
core_initcall(pci_driver_init);
