// SPDX-License-Identifier: MIT
/* drivers/virtio/virtio.c - the virtio bus: status, features, and which driver drives which device. */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>

static int dev_index;

static int virtio_dev_match(struct device *_dv, struct device_driver *_dr)
{
	const struct virtio_device *dev = dev_to_virtio(_dv);
	const struct virtio_device_id *id = container_of(_dr, struct virtio_driver, driver)->id_table;

	for (; id->device; id++) {
		if (id->device == dev->id.device && (id->vendor == VIRTIO_DEV_ANY_ID || id->vendor == dev->id.vendor))
			return 1;
	}
	return 0;
}

/* Status bits only accumulate, until a reset clears them (spec 2.1). */
static void add_status(struct virtio_device *dev, u8 status)
{
	dev->config->set_status(dev, dev->config->get_status(dev) | status);
}

/* Asking for a feature that was never offered to the device is a bug of the driver. */
void virtio_check_driver_offered_feature(const struct virtio_device *vdev, unsigned int fbit)
{
	const struct virtio_driver *drv = container_of(vdev->dev.driver, struct virtio_driver, driver);
	unsigned int i;

	for (i = 0; i < drv->feature_table_size; i++) {
		if (drv->feature_table[i] == fbit)
			return;
	}
	BUG();
}

int virtio_config_buf(struct virtio_device *vdev, unsigned int fbit, unsigned int offset, void *buf, unsigned int len)
{
	if (!virtio_has_feature(vdev, fbit))
		return -ENOENT;
	vdev->config->get(vdev, offset, buf, len);
	return 0;
}

/* What both sides know; the transport's own features it looks after itself. */
static int negotiate_features(struct virtio_device *dev, const struct virtio_driver *drv)
{
	u64 device_features = dev->config->get_features(dev);
	unsigned int i;

	memset(dev->features, 0, sizeof(dev->features));
	for (i = 0; i < drv->feature_table_size; i++) {
		unsigned int f = drv->feature_table[i];

		BUG_ON(f >= 64);
		if (device_features & BIT_ULL(f))
			set_bit(f, dev->features);
	}
	for (i = VIRTIO_TRANSPORT_F_START; i < VIRTIO_F_VERSION_1; i++) {
		if (device_features & BIT_ULL(i))
			set_bit(i, dev->features);
	}
	return dev->config->finalize_features(dev);
}

static int virtio_dev_probe(struct device *_d)
{
	struct virtio_device *dev = dev_to_virtio(_d);
	struct virtio_driver *drv = container_of(dev->dev.driver, struct virtio_driver, driver);
	u8 status;
	int err;

	add_status(dev, VIRTIO_CONFIG_S_DRIVER);
	err = negotiate_features(dev, drv);
	if (!err)
		err = drv->probe(dev);
	status = dev->config->get_status(dev);
	if (err)
		dev->config->set_status(dev, status | VIRTIO_CONFIG_S_FAILED);
	/* A driver may have been ready earlier: virtio_device_ready(). */
	else if (!(status & VIRTIO_CONFIG_S_DRIVER_OK))
		dev->config->set_status(dev, status | VIRTIO_CONFIG_S_DRIVER_OK);
	return err;
}

static int virtio_dev_remove(struct device *_d)
{
	struct virtio_device *dev = dev_to_virtio(_d);
	struct virtio_driver *drv = container_of(dev->dev.driver, struct virtio_driver, driver);

	drv->remove(dev);
	/* A driver must have reset the device by now. */
	WARN_ON(dev->config->get_status(dev));
	/* The device is still there, for another driver. */
	add_status(dev, VIRTIO_CONFIG_S_ACKNOWLEDGE);
	return 0;
}

static struct bus_type virtio_bus = {
	.name = "virtio",
	.match = virtio_dev_match,
	.probe = virtio_dev_probe,
	.remove = virtio_dev_remove,
};

/**
 * register_virtio_driver - offer a driver to the devices there are
 * @drv: driver
 */
int register_virtio_driver(struct virtio_driver *drv)
{
	BUG_ON(drv->feature_table_size && !drv->feature_table);
	drv->driver.bus = &virtio_bus;
	return driver_register(&drv->driver);
}

void unregister_virtio_driver(struct virtio_driver *drv)
{
	driver_unregister(&drv->driver);
}

/**
 * register_virtio_device - a transport found a device
 * @dev: device with id, config and dev.parent
 */
int register_virtio_device(struct virtio_device *dev)
{
	dev->dev.bus = &virtio_bus;
	dev->index = dev_index++;
	dev_set_name(&dev->dev, "virtio%d", dev->index);
	INIT_LIST_HEAD(&dev->vqs);

	/* Whatever used it before us: start from scratch. */
	dev->config->reset(dev);
	add_status(dev, VIRTIO_CONFIG_S_ACKNOWLEDGE);
	return device_register(&dev->dev);
}

void unregister_virtio_device(struct virtio_device *dev)
{
	device_unregister(&dev->dev);
	dev_index--;
}

static int virtio_init(void)
{
	return bus_register(&virtio_bus);
}
core_initcall(virtio_init);
