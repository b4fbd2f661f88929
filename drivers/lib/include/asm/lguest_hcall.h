/* SPDX-License-Identifier: MIT */
/* asm/lguest_hcall.h - hypercalls of lguest, as far as devices need them. */
#ifndef _ASM_LGUEST_HCALL_H
#define _ASM_LGUEST_HCALL_H

#include <linux/types.h>
#include <lab/machine.h>

#define LHCALL_NOTIFY	17	/* a queue was kicked, or a device's status written: the guest-physical address of either */

/* A VM exit: the number in %eax, the argument in %ebx. The lab's addresses may have more than 32 bits. */
__nostep void kvm_hypercall1(unsigned int nr, u64 p1)
{
	lab_hypercall(nr, p1);
}

#endif
