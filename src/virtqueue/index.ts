// Entry point of the room: what a virtqueue is, decoded and tracked. Imports nothing outside this folder.
export * from './state';
