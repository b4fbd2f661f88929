// SPDX-License-Identifier: MIT
/* mm/dma.c - memory that driver and device share: whole pages, for there is no IOMMU and no cache to mind. */
#include <linux/dma-mapping.h>

/**
 * dma_alloc_coherent - get memory for a device to share
 * @dev: device
 * @size: bytes; whole pages are given, zeroed
 * @handle: gets the address to tell the device
 * @gfp: GFP_KERNEL, GFP_ATOMIC ...
 */
void *dma_alloc_coherent(struct device *dev, size_t size, dma_addr_t *handle, gfp_t gfp)
{
	void *p = alloc_pages_exact(size, gfp | __GFP_ZERO);

	(void)dev;
	if (p)
		*handle = virt_to_phys(p);
	return p;
}

void dma_free_coherent(struct device *dev, size_t size, void *cpu_addr, dma_addr_t handle)
{
	(void)dev, (void)handle;
	free_pages_exact(cpu_addr, size);
}
