/* SPDX-License-Identifier: MIT */
/* asm/page.h - pages, and the difference between a pointer and a guest-physical address. */
#ifndef _ASM_PAGE_H
#define _ASM_PAGE_H

#include <linux/types.h>

#define PAGE_SHIFT	12
#define PAGE_SIZE	(1UL << PAGE_SHIFT)
#define PAGE_MASK	(~(PAGE_SIZE - 1))
#define PAGE_ALIGN(a)	(((a) + PAGE_SIZE - 1) & PAGE_MASK)

/* Guest-physical address of RAM's first byte, that is, of pointer 0. */
extern u64 lab_phys_offset;

__nostep phys_addr_t virt_to_phys(const volatile void *p)
{
	return lab_phys_offset + (unsigned long)p;
}

__nostep void *phys_to_virt(phys_addr_t addr)
{
	return (void *)(unsigned long)(addr - lab_phys_offset);
}

#define __pa(x)		virt_to_phys((const void *)(x))
#define __va(x)		phys_to_virt(x)

#endif
