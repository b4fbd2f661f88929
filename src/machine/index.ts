// Entry point of the room: one simulated machine, and the handle to it.
export * from './types';
export type { HostScope, HostValue, HostValues } from '../device';
export * from './handle';
export * from './setup';
export { createMachine } from './client';
export { costsWith, DEFAULT_COSTS, type Costs } from './costs';
export type { Level } from './cpu';
export { eventLine, goldenLine } from './event-log';
export { eventWord } from './event-words';
export { whereText } from './findings';
export { compileHostExpression, showHostValue, type HostExpression } from './host-expression';
export { runHeadless, type HeadlessOptions, type PacketSummary, type RunResult } from './headless';
export { RunCancelled, runUnattended, UnattendedRuns, type UnattendedOptions } from './unattended';
export type {
  LevelKind,
  MarkQuery,
  Series,
  TimelineColumns,
  TimelineItems,
  TimelineQuery,
  TimelineWindow,
  VcpuContext,
} from './timeline';
export type { HeadlessResult } from './messages';
export type { CacheLineCost, PacketCost } from './packet-costs';
export {
  PacketStory,
  type Journey,
  type PacketCounts,
  type PacketEvent,
  type PacketRun,
  type StoryEvent,
} from './packet-story';
export { comparePositions, START } from './position';
