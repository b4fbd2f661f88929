// Entry point of the room: what a virtqueue is, decoded and tracked. Imports nothing outside this folder.
export * from './state';
export * from './constants';
export * from './layout';
export { walkChain } from './chain';
export * from './decode';
export * from './notify';
export * from './wire';
export * from './track';
export * from './track-types';
export type { NumberMemory } from './shadow';
