// Entry point of the virtio-mmio transport.
export { MmioTransport } from './transport';
