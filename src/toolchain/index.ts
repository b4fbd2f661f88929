// Entry point of the room: C in, an instrumented Program out.
export * from './program';
