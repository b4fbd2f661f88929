// What the machine says about itself at a stop, and the events of its log. Data only: crosses threads by structured clone.
import type { HostValues } from '../device';
import type { Author } from '../virtqueue';

/** A place in a run (design: "Position"): `tick` names it; `sub` counts the stores since that tick, 0 at the tick itself. */
export interface Position {
  readonly tick: number;
  readonly sub: number;
}

export type Field = string | number;

/** One thing that happened. `who`: `driver`, `device`, a host thread's name, `machine` or `debugger`. */
export interface MachineEvent {
  /** 0-based number in the log */
  readonly seq: number;
  readonly position: Position;
  /** virtual ns since power-on */
  readonly timeNs: number;
  readonly who: string;
  readonly what: EventKind;
  /** queue name (`rx`, `tx`) where it is about one */
  readonly queue?: string;
  readonly detail: Readonly<Record<string, Field>>;
  /** Where the vCPU was, when driver code was on its stack and the level knows it. Not part of the log's text. */
  readonly site?: number;
}

export type EventKind =
  /** driver wrote a head into avail.ring: head, descriptors */
  | 'add'
  /** driver moved avail.idx: from, to */
  | 'expose'
  /** QueueNotify written; forced=1 when used.flags said NO_NOTIFY */
  | 'kick'
  /** driver read used.flags (or avail_event) after exposing, and it said: no notification */
  | 'kickSuppressed'
  /** driver changed avail.flags (or used_event): flags */
  | 'callbacks'
  /** device changed used.flags (or avail_event): flags */
  | 'notify'
  /** device took a chain: head, descriptors, bytes */
  | 'take'
  /** frame left on the wire: bytes */
  | 'sent'
  /** frame came from the wire, taken by the host or dropped: bytes */
  | 'arrive'
  | 'drop'
  /** device wrote a used entry: slot, id, len */
  | 'use'
  /** device moved used.idx: from, to */
  | 'usedIdx'
  /** device raised its interrupt; coalesced=1 when one was pending */
  | 'interrupt'
  | 'interruptSuppressed'
  /** the vCPU entered, and left, an interrupt handler */
  | 'irqEnter'
  | 'irqExit'
  | 'timerArm'
  | 'timerCancel'
  | 'timerFire'
  /** device register access that is not a kick: status, features, reset */
  | 'status'
  | 'features'
  | 'queueReady'
  /** an skb's life: op, id, bytes */
  | 'skb'
  | 'queueStop'
  | 'queueWake'
  | 'napi'
  | 'printk'
  | 'finding'
  | 'trap'
  | 'edit'
  | 'end';

export type FindingKind =
  | 'warn'
  | 'bug'
  | 'trap'
  | 'null-dereference'
  | 'wild-store'
  | 'stack-overflow'
  | 'deadlock'
  | 'endless-loop'
  | 'double-free'
  | 'use-after-free'
  | 'overrun'
  | 'bad-free'
  | 'leak'
  | 'api'
  | 'bad-ring'
  /** the driver's own dev_err() or dev_warn() */
  | 'reported'
  | 'sent-twice'
  /** an skb freed while the device may still read it */
  | 'freed-in-flight'
  /** an skb freed while a list of skbs has it */
  | 'freed-on-list'
  /** an unwanted notification that the driver did not even ask about */
  | 'needless-kick'
  /** work that goes on for ever and moves nothing */
  | 'livelock'
  | 'bad-address'
  | 'device-error'
  | 'stall'
  | 'internal';

export interface Finding {
  /** kind plus number: `leak-1` */
  readonly id: string;
  readonly kind: FindingKind;
  readonly text: string;
  readonly position: Position;
  readonly timeNs: number;
  /** source line, resolved: `path:line in function`; absent if it has none (a host) */
  readonly where?: string;
  readonly site?: number;
  /** Further places that belong to it: where it was allocated, who holds the lock. */
  readonly related?: readonly { readonly text: string; readonly site?: number; readonly position?: Position }[];
}

/** One frame of the vCPU, innermost first. */
export type Frame =
  | {
      readonly kind: 'driver';
      /** index in Program.functions */
      readonly func: number;
      /** index in Program.sites; undefined in a prologue */
      readonly site?: number;
      /** frame base: what DW_OP_fbreg offsets are relative to */
      readonly base: number;
      /** call depth, 1 for the outermost */
      readonly depth: number;
    }
  /** separates an interrupt's frames from those it interrupted; label as shown, `--- interrupt: virtio0 ---` */
  | { readonly kind: 'interrupt'; readonly label: string };

export type Context = 'idle' | 'process' | 'softirq' | 'hardirq';

/** A line of a host model. */
export interface HostLine {
  /** name of the file in dist/hosts/ */
  readonly file: string;
  /** 1-based */
  readonly line: number;
}

/** A frame of a host thread: a function of its host model, and the line that is next, or that called. */
export interface HostFrame extends HostLine {
  readonly function: string;
  /** its variables, the innermost block's first */
  readonly locals: HostValues;
}

/** Thread 1 is vCPU 0; the host's threads follow in a fixed order. */
export type Thread =
  | {
      readonly id: number;
      readonly kind: 'vcpu';
      readonly name: string;
      readonly context: Context;
      readonly irqsOff: boolean;
      readonly frames: readonly Frame[];
      /** set while the vCPU is inside a synchronous VM exit: the host thread that serves it */
      readonly blockedBy?: number;
    }
  | {
      readonly id: number;
      readonly kind: 'host';
      readonly name: string;
      /** `rest`: at the head of its loop; `ready`: its next action is due; `sleeping`: until `wakeNs`; `blocked`: on the host's lock … */
      readonly status: 'rest' | 'ready' | 'running' | 'sleeping' | 'dead';
      /** what it waits for, in words: `a kick on tx, its timer or a frame` */
      readonly waitsFor: string;
      readonly sinceNs: number;
      readonly wakeNs?: number;
      /** the next action, in words; absent while it waits, and when it has just been woken */
      readonly next?: string;
      /** its fields: `do` says what it is */
      readonly action?: HostValues;
      /** its call stack in the source of its host model, innermost first; absent where the models were built without their places */
      readonly frames?: readonly HostFrame[];
      /** the thread's variables: one flat object */
      readonly state: Readonly<Record<string, Field | boolean | null>>;
    };

/** Where an skb is (design: "Ownership"). */
export type SkbPlace =
  | 'built'
  | 'qdisc'
  | 'parked'
  | 'added'
  | 'available'
  | 'host'
  | 'used'
  | 'reclaimed'
  | 'orphaned'
  | 'posted'
  | 'merging'
  | 'delivered'
  | 'leaked';

export interface SkbView {
  /** 1, 2, … in order of allocation */
  readonly id: number;
  /** address of struct sk_buff in RAM */
  readonly address: number;
  /** bytes */
  readonly length: number;
  readonly direction: 'tx' | 'rx';
  readonly place: SkbPlace;
  /** chain head in its queue, where it is in one */
  readonly queue?: string;
  readonly head?: number;
  /** when it came to be, and when it came to this place */
  readonly bornNs: number;
  readonly sinceNs: number;
  readonly orphaned: boolean;
  /** charged to the sender's socket */
  readonly charged: boolean;
  /** `UDP 40962 → 9, 64 B`: summary of the bytes, where they are known */
  readonly summary: string;
  /** where it has been, oldest first, up to where it is: the last ones */
  readonly history: readonly SkbStay[];
}

/** A place an skb came to, and when. */
export interface SkbStay {
  readonly place: SkbPlace;
  readonly sinceNs: number;
}

export interface NotificationView {
  /** A kick now would be sent or not; and why, as the sentence's part. */
  readonly kick: { readonly sent: boolean; readonly why: string };
  readonly interrupt: { readonly sent: boolean; readonly why: string };
}

export interface QueueCounters {
  readonly added: number;
  readonly used: number;
  readonly kicks: number;
  readonly kicksSuppressed: number;
  readonly interrupts: { readonly raised: number; readonly delivered: number; readonly suppressed: number };
  readonly maxOutstanding: number;
  readonly bytes: number;
}

/** What the worker knows of a queue and the bytes do not say. */
export interface QueueView {
  readonly index: number;
  readonly name: string;
  readonly ready: boolean;
  readonly legacy: boolean;
  readonly size: number;
  /** guest-physical, hex strings with 0x */
  readonly desc: string;
  readonly avail: string;
  readonly used: string;
  readonly eventIdx: boolean;
  /** VIRTIO_F_IN_ORDER; absent where nobody negotiated it */
  readonly inOrder?: boolean;
  /** flags count kicks: LAB_RING_F_KICK_COUNT; absent where nobody negotiated it */
  readonly kickCount?: boolean;
  readonly indirect: boolean;
  /** code of the owner (index in OWNERS) of each descriptor, and the head of the chain it is in (-1: none) */
  readonly owners: Uint8Array;
  readonly heads: Int32Array;
  readonly lastAvailIdx?: number;
  /** avail.idx when the driver last decided about a kick, and whether it sent one; absent before it has */
  readonly kickedIdx?: number;
  readonly kickSent?: boolean;
  readonly counters: QueueCounters;
}

/** A store to a field that is followed. One that left the value as it was has the same `before` and `after`: it dirties a cache line too. */
export interface Change {
  readonly position: Position;
  readonly timeNs: number;
  readonly author: Author;
  readonly queue?: string;
  readonly field: string;
  readonly before: string;
  readonly after: string;
  readonly site?: number;
  /** host thread that did it */
  readonly thread?: string;
  /** its line; absent where host models were built without their places */
  readonly host?: HostLine;
  /** guest pointer and size of the field, for a data breakpoint; absent for a device register */
  readonly address?: number;
  readonly size?: number;
}

export type StopReason =
  | { readonly kind: 'entry' }
  | { readonly kind: 'step' }
  | { readonly kind: 'pause' }
  | { readonly kind: 'goto' }
  | { readonly kind: 'breakpoint'; readonly ids: readonly number[] }
  | {
      readonly kind: 'data';
      readonly ids: readonly number[];
      readonly author: Author;
      /** bytes in the order of memory, hex */
      readonly before: string;
      readonly after: string;
    }
  | { readonly kind: 'event'; readonly ids: readonly string[]; readonly event: MachineEvent }
  /** reversing reached power-on */
  | { readonly kind: 'start' }
  /** the run is over: everything stays readable, stepping back works, going on is refused */
  | { readonly kind: 'end'; readonly how: 'done' | 'trap'; readonly text: string };

export interface StopState {
  readonly version: 1;
  readonly reason: StopReason;
  readonly position: Position;
  readonly timeNs: number;
  /** thread the stop is about */
  readonly thread: number;
  readonly threads: readonly Thread[];
  readonly queues: readonly QueueView[];
  readonly skbs: readonly SkbView[];
  readonly changes: readonly Change[];
  readonly device: {
    readonly status: number;
    readonly features: string;
    readonly interruptStatus: number;
    readonly irqPending: boolean;
    /** frames that wait at the tap for the device to receive them */
    readonly tapFrames: number;
    /** armed host timers */
    readonly timers: readonly {
      readonly name: string;
      /** the queue it was armed for */
      readonly queue: string;
      readonly dueNs: number;
      readonly armedNs: number;
    }[];
  };
  readonly netdev: { readonly queueStopped: boolean; readonly qdiscLength: number };
  readonly exits: Readonly<Record<ExitKind, number>>;
  readonly lines: number;
  /** number of events so far; fetch them with MachineHandle.events */
  readonly events: number;
  readonly findings: readonly Finding[];
  /** Furthest position reached in this history: right of `position` lies recorded future. */
  readonly furthest: Position;
}

/** What a line can lead to: VM exits by kind, a kick that was not made, an interrupt that came in at it. */
export type LineEffect = Exclude<ExitKind, 'injection'> | 'kickSuppressed' | 'interrupt';

/** Per site: how often. A line of the kernel API counts for the innermost line of the driver's own as well. */
export type LineEffects = readonly {
  readonly site: number;
  readonly counts: Readonly<Partial<Record<LineEffect, number>>>;
}[];

/** Effects in their order, with their ticks. */
export type EffectList = readonly { readonly effect: LineEffect; readonly tick: number }[];

export type ExitKind = 'notify' | 'interruptStatus' | 'interruptAck' | 'config' | 'injection';
