/* SPDX-License-Identifier: MIT */
#ifndef _ASM_PROCESSOR_H
#define _ASM_PROCESSOR_H

/**
 * cpu_relax - body of a busy-wait loop
 *
 * The machine is tickless: an idle or spinning CPU gets no periodic timer
 * interrupt. What the tick would do for a loop that watches jiffies is done here.
 */
void cpu_relax(void);

#endif
