// Entry point of the room: the virtio device and its hosts.
export * from './host';
