// Entry point of the room: the virtio-net device behind virtio-mmio, and its hosts.
export * from './host';
export { describeAction } from './actions';
export { DeviceError } from './chain';
export * from './environment';
export * from './features';
export { LEAST_UDP_FRAME, makeFrame, PEER_MAC, sequenceOf } from './frames';
export { HOSTS, hostModel } from './hosts';
export { DmaFault, GuestMemory, type MemoryWatch } from './memory';
export { ACKNOWLEDGE, DRIVER, DRIVER_OK, FAILED, FEATURES_OK, NEEDS_RESET, type MmioEffect } from './mmio';
export * from './net-device';
export { parametersOf } from './parameters';
export * from './pcap';
export { summarize } from './summary';
export * from './thread';
