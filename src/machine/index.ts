// Entry point of the room: one simulated machine, and the handle to it.
export * from './types';
export * from './handle';
export * from './setup';
