// The messages between the ring panel's host side and its page. JSON only: addresses are hex strings.
import type { RingState } from '../virtqueue';
import type { Change, Finding, NotificationView, QueueCounters, SkbView, StopState, Thread } from '../machine';

/** RingState with bigint addresses as hex strings. */
export type Wire<T> = T extends bigint
  ? string
  : T extends readonly (infer U)[]
    ? readonly Wire<U>[]
    : T extends object
      ? { readonly [K in keyof T]: Wire<T[K]> }
      : T;

/** A place in source, resolved for the page: the label is shown, the rest goes back when it is clicked. */
export interface SourceLink {
  readonly label: string;
  readonly path: string;
  readonly line: number;
}

export interface PanelQueue {
  readonly ring: Wire<RingState>;
  readonly counters: QueueCounters;
  readonly notifications: NotificationView;
  /** one sentence: why nothing moves, or who has to act next */
  readonly sentence: string;
}

export interface PanelState {
  readonly version: 1;
  readonly title: string;
  readonly reason: string;
  readonly position: { readonly tick: number; readonly sub: number };
  readonly timeNs: number;
  readonly queues: readonly PanelQueue[];
  readonly skbs: readonly SkbView[];
  readonly changes: readonly (Change & { readonly source?: SourceLink })[];
  readonly threads: readonly Thread[];
  readonly device: StopState['device'];
  readonly netdev: StopState['netdev'];
  readonly exits: StopState['exits'];
  readonly findings: readonly (Finding & { readonly source?: SourceLink })[];
  /** furthest tick reached: the run goes on from here without new history while position is left of it */
  readonly furthest: number;
}

export type ToPanel =
  | { readonly type: 'state'; readonly state: PanelState }
  | { readonly type: 'running' }
  | { readonly type: 'empty'; readonly text: string }
  | { readonly type: 'error'; readonly text: string };

export type FromPanel =
  | { readonly type: 'ready' }
  | { readonly type: 'openSource'; readonly path: string; readonly line: number }
  | { readonly type: 'goTo'; readonly tick: number; readonly sub: number }
  /** stop when this range is written: guest pointer and bytes */
  | { readonly type: 'breakOnWrite'; readonly address: number; readonly size: number; readonly label: string }
  | { readonly type: 'lastWriter'; readonly address: number; readonly size: number };
