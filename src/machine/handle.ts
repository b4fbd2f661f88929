// MachineHandle: the one door to a machine from the main thread. debug/, panel/ and scenario/ know nothing else of it.
import type { Program } from '../toolchain';
import type { PacketRun } from './packet-story';
import type { MarkQuery, TimelineQuery, TimelineWindow } from './timeline';
import type { EventKind, Finding, LineEffects, MachineEvent, Position, StopState } from './types';

export type RunRequest =
  | { readonly kind: 'continue' }
  /** A step of a host thread runs the machine to that thread's next action. `interrupts`: also enter an interrupt that arrives. */
  | { readonly kind: 'into'; readonly thread: number; readonly target?: StepTarget; readonly interrupts?: boolean }
  | { readonly kind: 'over'; readonly thread: number }
  | { readonly kind: 'out'; readonly thread: number }
  | { readonly kind: 'back'; readonly thread: number }
  | { readonly kind: 'reverse' }
  | { readonly kind: 'goto'; readonly position: Position };

/** What a step into may enter at this line: a function called there (index in Program.functions), or the interrupt that is due. */
export type StepTarget = { readonly function: number } | { readonly interrupt: true };

export interface LineBreakpoint {
  readonly id: number;
  /** every site that the line or function stands for: all copies of a static inline */
  readonly sites: readonly number[];
  /** C expression, evaluated in the worker without side effects; stops when it is not 0 */
  readonly condition?: string;
  /** DAP hit condition: `5`, `>= 5`, `% 3`; counts passes since the start of the run */
  readonly hitCondition?: string;
  /** a log point: text with {expressions}; never stops */
  readonly logMessage?: string;
}

/** A breakpoint on a line of a host model: stops before an action there, and before the first one of a call there. */
export interface HostBreakpoint {
  readonly id: number;
  /** name of the file in dist/hosts/ */
  readonly file: string;
  /** one of MachineHandle.hostLines */
  readonly line: number;
  /** over the thread's variables there (host-expression.ts); without side effects */
  readonly condition?: string;
  /** DAP hit condition, as of a LineBreakpoint */
  readonly hitCondition?: string;
  /** says this instead of stopping; `{expr}` is evaluated */
  readonly logMessage?: string;
}

export interface DataBreakpoint {
  readonly id: number;
  /** guest pointer */
  readonly address: number;
  /** bytes */
  readonly size: number;
  readonly condition?: string;
  readonly hitCondition?: string;
  readonly label: string;
}

export interface EventBreakpoint {
  readonly id: string;
  readonly what: readonly EventKind[];
  /** over the event's fields: `queue == "tx" && to > 3` */
  readonly condition?: string;
}

/** A value written by the person at the debugger. */
export interface Edit {
  /** guest pointer */
  readonly address: number;
  readonly bytes: Uint8Array;
  /** for the log: `vq->num_free = 3` */
  readonly text: string;
}

/** An edit with its place: applied again by every replay that passes there. */
export interface PlacedEdit extends Edit {
  readonly position: Position;
}

export interface MachineOutput {
  readonly kind: 'printk' | 'log' | 'finding' | 'notice';
  readonly text: string;
  readonly timeNs: number;
  /** site to link to */
  readonly site?: number;
  /** or the line of a host model to link to */
  readonly host?: { readonly file: string; readonly line: number };
  /** printk level */
  readonly level?: number;
}

/** Thrown (as a rejected promise) when the machine refuses: nothing changed. The message is for the user. */
export class MachineRefusal extends Error {}

/** Thrown when the worker died: the session is over, and the message says why. */
export class MachineGone extends Error {}

export interface SentFrame {
  /** virtual ns */
  readonly timeNs: number;
  readonly bytes: Uint8Array;
}

export interface RunProgress {
  /** 0..1 */
  readonly fraction: number;
  readonly message: string;
}

export interface MachineHandle {
  readonly program: Program;
  /** The guest's RAM, shared with the worker. Read only, and only while stopped. Its first byte is pointer 0. */
  readonly ram: Uint8Array;
  /** guest-physical = pointer + physOffset */
  readonly physOffset: bigint;
  /** The last stop; undefined before the first. */
  readonly state: StopState | undefined;
  readonly running: boolean;
  /** Lines of the host models' sources where a thread can stop, ascending, by the name of the file in dist/hosts/. */
  readonly hostLines: Readonly<Record<string, readonly number[]>>;

  /** Boots the machine and runs to where its setup says: the first stop, or the place that a saved session resumes at. */
  start(): Promise<StopState>;
  run(request: RunRequest, progress?: (p: RunProgress) => void): Promise<StopState>;
  /** Ask a running machine to stop; the promise of `run` then resolves with reason `pause`. */
  pause(): void;
  /** Ask a long search or replay to give up; the machine returns to where it was. */
  cancel(): void;

  /** Each returns, per breakpoint, an error text when its condition is no valid expression there. May be called while running. */
  setLineBreakpoints(list: readonly LineBreakpoint[]): Promise<readonly (string | undefined)[]>;
  setHostBreakpoints(list: readonly HostBreakpoint[]): Promise<readonly (string | undefined)[]>;
  setDataBreakpoints(list: readonly DataBreakpoint[]): Promise<readonly (string | undefined)[]>;
  setEventBreakpoints(list: readonly EventBreakpoint[]): Promise<readonly (string | undefined)[]>;

  /** Drops the recorded future, if there is one, and says so by resolving to true. */
  edit(edit: Edit): Promise<boolean>;

  /** Which lines have led to kicks, exits and interrupts so far: of the first million of them. */
  lineEffects(): Promise<LineEffects>;
  /**
   * The run packet by packet, its recorded future included: of the first million records of what happened to packets.
   * @param limit packets told one by one; all are counted
   */
  packets(limit: number): Promise<PacketRun>;

  /** The edits made on the way to this position, oldest first. */
  edits(): Promise<readonly PlacedEdit[]>;
  /**
   * How often the vCPU has come to one of these sites since power-on, this position included.
   * Replays the run up to here, at debug level.
   */
  passes(sites: readonly number[]): Promise<number>;

  /** Events [from, to) of the log, oldest first. */
  events(from: number, to: number): Promise<readonly MachineEvent[]>;
  /** A window of the run's timeline, its recorded future included. May be asked while running. */
  timeline(query: TimelineQuery): Promise<TimelineWindow>;
  /** The position at a virtual time, as near as the timeline knows it. */
  placeAt(ns: number): Promise<Position>;
  /** The next or previous event of some kinds that is recorded; undefined when there is none. */
  nextMark(query: MarkQuery): Promise<Position | undefined>;
  /** Last write to a byte range before this position: who, where, old and new bytes (hex). */
  lastWriter(address: number, size: number): Promise<StopState | undefined>;
  /** All frames sent on the wire so far, and their virtual times. */
  sentFrames(): Promise<readonly SentFrame[]>;
  findings(): readonly Finding[];

  /** What a step into could enter from here. */
  stepTargets(): Promise<readonly { readonly label: string; readonly target: StepTarget }[]>;

  /** Hash over RAM (driver pages), device, host and scheduler state: equal positions have equal hashes. */
  hash(): Promise<string>;

  onOutput(listener: (output: MachineOutput) => void): () => void;
  onGone(listener: (why: MachineGone) => void): () => void;
  /** Ends the worker. Safe to call twice, and at any time. */
  dispose(): Promise<void>;
}
