/* SPDX-License-Identifier: MIT */
/* linux/poison.h - byte patterns that tell what happened to memory. */
#ifndef _LINUX_POISON_H
#define _LINUX_POISON_H

#define LIST_POISON1		((struct list_head *)0x00100100)
#define LIST_POISON2		((struct list_head *)0x00200200)

#define POISON_FREE		0x6b	/* freed, and fresh, kmalloc() memory */
#define POISON_END		0xa5	/* its last byte */
#define PAGE_POISON		0xaa	/* freed pages */
#define SLUB_RED_INACTIVE	0xbb
#define SLUB_RED_ACTIVE		0xcc	/* red zone behind a live object */

#endif
