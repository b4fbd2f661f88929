// Entry point: the timeline of a run that somebody looks at. Told by the machine as it runs, kept over replays, cut by edits.
export { Timeline, type QueueIndices, type TimelineState } from './timeline';
export type {
  LevelKind,
  MarkQuery,
  Series,
  TimelineColumns,
  TimelineItems,
  TimelineQuery,
  TimelineWindow,
  VcpuContext,
} from './types';
