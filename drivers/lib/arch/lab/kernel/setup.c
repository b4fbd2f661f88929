// SPDX-License-Identifier: MIT
/*
 * arch/lab/kernel/setup.c - the machine's entries into process context: boot,
 * deferred work, and removal of the driver.
 */
#include <linux/init.h>
#include <linux/io.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/virtio_ids.h>
#include <lab/machine.h>
#include <lab/kernel.h>

u64 lab_phys_offset = 0x40000000;
u32 lab_transport = LAB_TRANSPORT_MMIO;
u32 lab_reserved_pages;

#define INITCALLS(level) \
	extern const initcall_t __start_initcall##level[] __weak, __stop_initcall##level[] __weak
#define EXITCALLS(level) \
	extern const exitcall_t __start_exitcall##level[] __weak, __stop_exitcall##level[] __weak

INITCALLS(1);
INITCALLS(4);
INITCALLS(6);
INITCALLS(7);
EXITCALLS(6);
EXITCALLS(7);

static struct resource virtio_mmio_resources[] = {
	{
		.name = "virtio-mmio",
		.start = LAB_MMIO_BASE,
		.end = LAB_MMIO_BASE + LAB_MMIO_SIZE - 1,
		.flags = IORESOURCE_MEM,
	}, {
		.name = "virtio-mmio",
		.start = LAB_VIRTIO_IRQ,
		.end = LAB_VIRTIO_IRQ,
		.flags = IORESOURCE_IRQ,
	},
};

static struct platform_device virtio_mmio_device = {
	.name = "virtio-mmio",
	.id = 0,
	.resource = virtio_mmio_resources,
	.num_resources = ARRAY_SIZE(virtio_mmio_resources),
};

/* As QEMU has it: a network card by Qumranet (Red Hat), whose subsystem says which kind of virtio device it is. */
static struct pci_dev virtio_pci_device = {
	.vendor = PCI_VENDOR_ID_REDHAT_QUMRANET,
	.device = 0x1000,
	.subsystem_vendor = PCI_VENDOR_ID_REDHAT_QUMRANET,
	.subsystem_device = VIRTIO_ID_NET,
	.irq = LAB_VIRTIO_IRQ,
	.resource = {
		{
			.name = "virtio-pci",
			.start = LAB_MMIO_BASE,
			.end = LAB_MMIO_BASE + 31,
			.flags = IORESOURCE_IO,
		},
	},
};

/* What firmware and buses tell of devices. lguest's is found by its driver. */
static void find_devices(void)
{
	if (lab_transport == LAB_TRANSPORT_MMIO)
		platform_device_register(&virtio_mmio_device);
	else if (lab_transport == LAB_TRANSPORT_PCI)
		pci_device_add(&virtio_pci_device);
}

void __iomem *ioremap(resource_size_t offset, unsigned long size)
{
	/* Device memory is mapped one to one; RAM is not to be had this way. */
	if (offset < LAB_MMIO_BASE || offset + size > (u64)LAB_MMIO_BASE + LAB_MMIO_SIZE) {
		printk(KERN_ERR "ioremap: no device at 0x%llx\n", offset);
		return NULL;
	}
	return (void __iomem *)(unsigned long)offset;
}

void iounmap(void __iomem *addr)
{
	(void)addr;
}

static int do_initcalls(const initcall_t *from, const initcall_t *to)
{
	const initcall_t *call;
	int err, first_err = 0;

	for (call = from; call < to; call++) {
		err = (*call)();
		if (err) {
			printk(KERN_ERR "initcall failed: error %d\n", err);
			if (!first_err)
				first_err = err;
		}
	}
	return first_err;
}

static void do_exitcalls(const exitcall_t *from, const exitcall_t *to)
{
	const exitcall_t *call;

	for (call = from; call < to; call++)
		(*call)();
}

/* What happens between the boot loader and the login prompt. */
static int start_kernel(void)
{
	int err;

	mem_init();
	kmem_cache_init();
	softirq_init();
	init_timers();
	skb_init();
	net_dev_init();
	sender_init();
	local_irq_enable();

	do_initcalls(__start_initcall1, __stop_initcall1);
	do_initcalls(__start_initcall4, __stop_initcall4);
	find_devices();

	kmem_mark_baseline();
	err = parse_module_arguments();
	if (!err)
		err = do_initcalls(__start_initcall6, __stop_initcall6);
	if (!err)
		err = do_initcalls(__start_initcall7, __stop_initcall7);
	return err;
}

int lab_boot(void)
{
	int err = start_kernel();

	if (err)
		return err;
	/* ifconfig eth0 up */
	return dev_open_all();
}

void lab_run(u32 what)
{
	update_jiffies();
	switch (what) {
	case LAB_RUN_WORK:
		run_workqueue();
		break;
	case LAB_RUN_KSOFTIRQD:
		run_ksoftirqd();
		break;
	}
}

int lab_remove(void)
{
	update_jiffies();
	sender_stop();
	dev_close_all();
	do_exitcalls(__start_exitcall6, __stop_exitcall6);
	do_exitcalls(__start_exitcall7, __stop_exitcall7);
	timers_report_pending();
	kmem_report_leaks();
	return 0;
}
