/* SPDX-License-Identifier: MIT */
/* linux/dma-mapping.h - there is no IOMMU: a bus address is the guest-physical one. */
#ifndef _LINUX_DMA_MAPPING_H
#define _LINUX_DMA_MAPPING_H

#include <linux/device.h>
#include <linux/mm.h>

enum dma_data_direction {
	DMA_BIDIRECTIONAL = 0,
	DMA_TO_DEVICE = 1,
	DMA_FROM_DEVICE = 2,
	DMA_NONE = 3,
};

void *dma_alloc_coherent(struct device *dev, size_t size, dma_addr_t *handle, gfp_t gfp);
void dma_free_coherent(struct device *dev, size_t size, void *cpu_addr, dma_addr_t handle);

static inline dma_addr_t dma_map_single(struct device *dev, void *cpu_addr, size_t size,
					enum dma_data_direction dir)
{
	(void)dev, (void)size, (void)dir;
	return virt_to_phys(cpu_addr);
}

static inline void dma_unmap_single(struct device *dev, dma_addr_t handle, size_t size,
				    enum dma_data_direction dir)
{
	(void)dev, (void)handle, (void)size, (void)dir;
}

__nostep int dma_mapping_error(struct device *dev, dma_addr_t handle)
{
	(void)dev, (void)handle;
	return 0;
}

#define dma_set_mask(dev, mask)			0
#define dma_set_coherent_mask(dev, mask)	0
#define DMA_BIT_MASK(n)				(((n) == 64) ? ~0ULL : ((1ULL << (n)) - 1))

#endif
