// Entry point of the legacy PCI transport.
export { PciTransport } from './pci';
