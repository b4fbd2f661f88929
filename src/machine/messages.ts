// The messages between a machine's worker and its handle on the main thread.
import type { SkbLayout } from '../guest';
import type { Program } from '../toolchain';
import type {
  DataBreakpoint,
  Edit,
  EventBreakpoint,
  HostBreakpoint,
  LineBreakpoint,
  MachineHandle,
  MachineOutput,
  PlacedEdit,
  RunProgress,
  RunRequest,
  SentFrame,
  StepTarget,
} from './handle';
import type { Level } from './cpu';
import type { RunResult } from './headless';
import type { PacketRun } from './packet-story';
import type { MachineSetup } from './setup';
import type { MarkQuery, TimelineQuery, TimelineWindow } from './timeline';
import type { LineEffects, MachineEvent, Position, StopState } from './types';

/** A worker for runs that nobody looks at is started with this. */
export interface HeadlessData {
  readonly headless: true;
}

/** It is asked for one run after another. */
export interface HeadlessRequest {
  readonly setup: Omit<MachineSetup, 'program'>;
  /** the hash of one that it was given before */
  readonly program: Program | string;
  readonly keepLog: boolean;
  readonly level: Level | undefined;
}

/** What it says. */
export type FromHeadless =
  | { readonly type: 'output'; readonly output: MachineOutput }
  | { readonly type: 'result'; readonly result: HeadlessResult };

/** A RunResult without RAM, which stays in the worker. */
export type HeadlessResult = Omit<RunResult, 'ram' | 'runtimePages'>;

/** What the worker of a debugged machine is started with. */
export interface WorkerData {
  readonly setup: MachineSetup;
  readonly memory: WebAssembly.Memory;
  readonly control: SharedArrayBuffer;
  readonly skbLayout: SkbLayout;
}

/** Words of the control block, written by the main thread. */
export const CONTROL = {
  /** counts messages, so that a waiting worker wakes */
  messages: 0,
  /** 1: give up the search or replay under way */
  cancel: 1,
  /** 1: stop as soon as possible */
  pause: 2,
  words: 3,
} as const;

export type Command =
  | { readonly op: 'run'; readonly request: RunRequest }
  | { readonly op: 'lines'; readonly list: readonly LineBreakpoint[] }
  | { readonly op: 'hosts'; readonly list: readonly HostBreakpoint[] }
  | { readonly op: 'data'; readonly list: readonly DataBreakpoint[] }
  | { readonly op: 'events'; readonly list: readonly EventBreakpoint[] }
  | { readonly op: 'edit'; readonly edit: Edit }
  | { readonly op: 'lineEffects' }
  | { readonly op: 'packets'; readonly limit: number }
  | { readonly op: 'edits' }
  | { readonly op: 'passes'; readonly sites: readonly number[] }
  | { readonly op: 'log'; readonly from: number; readonly to: number }
  | { readonly op: 'timeline'; readonly query: TimelineQuery }
  | { readonly op: 'placeAt'; readonly ns: number }
  | { readonly op: 'nextMark'; readonly query: MarkQuery }
  | { readonly op: 'lastWriter'; readonly address: number; readonly size: number }
  | { readonly op: 'sent' }
  | { readonly op: 'stepTargets' }
  | { readonly op: 'hash' };

/** What each command is answered with. */
export interface Answers {
  readonly run: StopState;
  readonly lines: readonly (string | undefined)[];
  readonly hosts: readonly (string | undefined)[];
  readonly data: readonly (string | undefined)[];
  readonly events: readonly (string | undefined)[];
  readonly edit: { readonly dropped: boolean; readonly state: StopState };
  readonly lineEffects: LineEffects;
  readonly packets: PacketRun;
  readonly edits: readonly PlacedEdit[];
  readonly passes: number;
  readonly log: readonly MachineEvent[];
  readonly timeline: TimelineWindow;
  readonly placeAt: Position;
  readonly nextMark: Position | undefined;
  readonly lastWriter: StopState | undefined;
  readonly sent: readonly SentFrame[];
  readonly stepTargets: readonly { readonly label: string; readonly target: StepTarget }[];
  readonly hash: string;
}

export interface Request {
  readonly id: number;
  readonly command: Command;
}

export type FromWorker =
  | { readonly type: 'ready'; readonly hostLines: MachineHandle['hostLines'] }
  | { readonly type: 'answer'; readonly id: number; readonly value: Answers[Command['op']] }
  /** refused: nothing changed, and the text is for the user */
  | { readonly type: 'refused'; readonly id: number; readonly text: string }
  | { readonly type: 'output'; readonly output: MachineOutput }
  | { readonly type: 'progress'; readonly progress: RunProgress };
