/* SPDX-License-Identifier: MIT */
/* asm/io.h - device registers. Every access is a VM exit. */
#ifndef _ASM_IO_H
#define _ASM_IO_H

#include <linux/types.h>
#include <asm/page.h>
#include <lab/machine.h>

void __iomem *ioremap(resource_size_t offset, unsigned long size);
void iounmap(void __iomem *addr);
#define ioremap_nocache(offset, size)	ioremap(offset, size)

__nostep u8 readb(const volatile void __iomem *addr)
{
	return (u8)lab_mmio_read((u32)addr, 1);
}

__nostep u16 readw(const volatile void __iomem *addr)
{
	return (u16)lab_mmio_read((u32)addr, 2);
}

__nostep u32 readl(const volatile void __iomem *addr)
{
	return (u32)lab_mmio_read((u32)addr, 4);
}

__nostep u64 readq(const volatile void __iomem *addr)
{
	return lab_mmio_read((u32)addr, 8);
}

__nostep void writeb(u8 value, volatile void __iomem *addr)
{
	lab_mmio_write((u32)addr, 1, value);
}

__nostep void writew(u16 value, volatile void __iomem *addr)
{
	lab_mmio_write((u32)addr, 2, value);
}

__nostep void writel(u32 value, volatile void __iomem *addr)
{
	lab_mmio_write((u32)addr, 4, value);
}

__nostep void writeq(u64 value, volatile void __iomem *addr)
{
	lab_mmio_write((u32)addr, 8, (u32)value);
}

#define ioread8(addr)		readb(addr)
#define ioread16(addr)		readw(addr)
#define ioread32(addr)		readl(addr)
#define iowrite8(v, addr)	writeb(v, addr)
#define iowrite16(v, addr)	writew(v, addr)
#define iowrite32(v, addr)	writel(v, addr)
#define __raw_readl(addr)	readl(addr)
#define __raw_writel(v, addr)	writel(v, addr)

#endif
