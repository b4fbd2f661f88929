// Entry point of the room: one simulated machine, and the handle to it.
export * from './types';
export * from './handle';
export * from './setup';
export { DEFAULT_COSTS, costsWith, type Costs } from './costs';
export { comparePositions, START } from './position';
export { createMachine } from './client';
export { runHeadless, RunCancelled, type HeadlessOptions, type PacketSummary, type RunResult } from './headless';
export { eventLine, goldenLine } from './event-log';
export { whereText } from './findings';
export { runUnattended, type UnattendedOptions } from './unattended';
export type { HeadlessResult } from './messages';
