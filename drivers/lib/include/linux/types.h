/* SPDX-License-Identifier: MIT */
/* linux/types.h - the kernel's basic types. long and pointers are 32 bits wide here. */
#ifndef _LINUX_TYPES_H
#define _LINUX_TYPES_H

#include <linux/compiler.h>
#include <linux/stddef.h>

typedef signed char		s8;
typedef unsigned char		u8;
typedef short			s16;
typedef unsigned short		u16;
typedef int			s32;
typedef unsigned int		u32;
typedef long long		s64;
typedef unsigned long long	u64;

typedef s8  __s8;
typedef u8  __u8;
typedef s16 __s16;
typedef u16 __u16;
typedef s32 __s32;
typedef u32 __u32;
typedef s64 __s64;
typedef u64 __u64;

typedef u8  u_int8_t;
typedef u8  uint8_t;
typedef u16 uint16_t;
typedef u32 uint32_t;
typedef u64 uint64_t;
typedef s8  int8_t;
typedef s16 int16_t;
typedef s32 int32_t;
typedef s64 int64_t;

/* The machine is little-endian; the big-endian types are for network order. */
typedef u16 __le16;
typedef u32 __le32;
typedef u64 __le64;
typedef u16 __be16;
typedef u32 __be32;
typedef u64 __be64;
typedef u16 __virtio16;
typedef u32 __virtio32;
typedef u64 __virtio64;
typedef u16 __sum16;
typedef u32 __wsum;

typedef __SIZE_TYPE__		size_t;
typedef long			ssize_t;
typedef long			ptrdiff_t;
typedef __UINTPTR_TYPE__	uintptr_t;
typedef _Bool			bool;
typedef unsigned int		gfp_t;

/* Guest-physical addresses have 64 bits: RAM may begin above 4 GiB (lab_phys_offset). */
typedef u64			phys_addr_t;
typedef u64			dma_addr_t;
typedef u64			resource_size_t;
typedef unsigned int		fmode_t;

typedef struct {
	volatile int counter;
} atomic_t;

struct list_head {
	struct list_head *next, *prev;
};

#define BITS_PER_LONG		32
#define BITS_PER_BYTE		8
#define BITS_TO_LONGS(nr)	(((nr) + BITS_PER_LONG - 1) / BITS_PER_LONG)
#define DECLARE_BITMAP(name, bits) unsigned long name[BITS_TO_LONGS(bits)]

#endif
