/* SPDX-License-Identifier: MIT */
/* linux/pci.h - PCI devices as of 2.6.31, as far as one with an I/O BAR and an interrupt pin needs it. */
#ifndef _LINUX_PCI_H
#define _LINUX_PCI_H

#include <linux/device.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/mod_devicetable.h>

#define PCI_VENDOR_ID_REDHAT_QUMRANET	0x1af4

#define PCI_STD_RESOURCES	6

struct pci_dev {
	unsigned short vendor;
	unsigned short device;
	unsigned short subsystem_vendor;
	unsigned short subsystem_device;
	u8 revision;
	unsigned int irq;			/* line of its interrupt pin */
	struct resource resource[PCI_STD_RESOURCES];	/* BARs */
	bool enabled;
	struct device dev;
};

#define to_pci_dev(n)	container_of(n, struct pci_dev, dev)

struct pci_driver {
	const char *name;
	const struct pci_device_id *id_table;	/* ends with an entry of zeros */
	int (*probe)(struct pci_dev *dev, const struct pci_device_id *id);
	void (*remove)(struct pci_dev *dev);
	struct device_driver driver;
};

#define to_pci_driver(drv)	container_of(drv, struct pci_driver, driver)

int pci_register_driver(struct pci_driver *drv);
void pci_unregister_driver(struct pci_driver *drv);
int pci_enable_device(struct pci_dev *dev);
void pci_disable_device(struct pci_dev *dev);
int pci_request_regions(struct pci_dev *dev, const char *name);
void pci_release_regions(struct pci_dev *dev);
void __iomem *pci_iomap(struct pci_dev *dev, int bar, unsigned long maxlen);
void pci_iounmap(struct pci_dev *dev, void __iomem *addr);

/* What enumeration of the bus comes to: the boot code calls it. */
int pci_device_add(struct pci_dev *dev);

__nostep void pci_set_master(struct pci_dev *dev)
{
	(void)dev;
}

__nostep void pci_set_drvdata(struct pci_dev *pdev, void *data)
{
	pdev->dev.driver_data = data;
}

__nostep void *pci_get_drvdata(struct pci_dev *pdev)
{
	return pdev->dev.driver_data;
}

#define pci_resource_start(dev, bar)	((dev)->resource[(bar)].start)
#define pci_resource_len(dev, bar)	resource_size(&(dev)->resource[(bar)])

#endif
