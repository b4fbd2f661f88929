// Entry point of the room: the virtio-net device behind virtio-mmio, and its hosts.
export * from './host';
export { describeAction } from './actions';
export { DeviceError } from './chain';
export * from './environment';
export * from './features';
export { EchoFrames, LEAST_ECHO_FRAME, readEcho, type Echo } from './echo';
export { LEAST_UDP_FRAME, makeFrame, sequenceOf } from './frames';
export { HOSTS, hostModel } from './hosts';
export { PEER_MAC, type Direction } from './ipv4';
export { DmaFault, GuestMemory, type MemoryWatch } from './memory';
export * from './net-device';
export { parametersOf } from './parameters';
export { ACKNOWLEDGE, DRIVER, DRIVER_OK, FAILED, FEATURES_OK, NEEDS_RESET } from './status';
export { TRANSPORTS, type AccessKind, type TransportEffect, type TransportName } from './transport';
export * from './pcap';
export { LEAST_ACK_FRAME, LEAST_DATA_FRAME, readSegment, SegmentFrames, type Segment as TcpSegment } from './segments';
export { summarize } from './summary';
export * from './thread';
