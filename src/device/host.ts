// What a host model is: threads as generators that yield one action at a time, and touch the world only through the results.

/** A step of a chain as the device sees it: guest-physical address as a number (checked to be below 2^53), bytes, direction. */
export interface Segment {
  readonly addr: number;
  readonly len: number;
  /** device-writable (VRING_DESC_F_WRITE) */
  readonly write: boolean;
}

export interface TakenChain {
  readonly head: number;
  /** descriptors walked, those of an indirect table included */
  readonly descriptors: number;
  readonly segments: readonly Segment[];
}

/** What a host thread can wait for. */
export type Wake =
  | { readonly on: 'kick'; readonly queue: string }
  | { readonly on: 'timer'; readonly name: string }
  /** another thread of the same host has called it */
  | { readonly on: 'signal'; readonly name: string }
  /** a frame waits at the tap */
  | { readonly on: 'frame' };

/**
 * One action of a host thread. The machine counts a tick and charges its cost for each; the result is handed back into the generator.
 * Queue names are the device's: `rx`, `tx`.
 */
type Action =
  /**
   * Head of the loop, asleep: nothing is in flight in local variables. Result: the Wake that came. When several are due, the first
   * of the list comes. A frame is due only while the tap is polled (`pollTap`).
   */
  | { readonly do: 'rest'; readonly for: readonly Wake[]; readonly text: string }
  /** Head of the loop, awake: as `rest` but for the sleep. One of the two must be a thread's first action. Result: undefined. */
  | { readonly do: 'loop'; readonly text: string }
  /**
   * Blocks in the middle of the loop, in a system call. Result: the Wake that came. With `ns`, a select(): undefined when none came
   * in that time, and 0 only looks.
   */
  | { readonly do: 'wait'; readonly for: readonly Wake[]; readonly ns?: number; readonly text: string }
  /** Compute or block for a time. Result: undefined. */
  | { readonly do: 'sleep'; readonly ns: number; readonly text: string }
  /** Result: the index. */
  | { readonly do: 'readAvailIdx'; readonly queue: string }
  /** Result: the flags (or, with event index, used_event). */
  | { readonly do: 'readAvailFlags'; readonly queue: string }
  | { readonly do: 'readUsedEvent'; readonly queue: string }
  /** Read avail.ring[index mod size] and walk the chain; counts as taken. Result: TakenChain. */
  | { readonly do: 'take'; readonly queue: string; readonly index: number }
  /** Sum up the device-writable bytes of the chains exposed from `index` on, without taking them; stops at `limit`. Result: the bytes. */
  | { readonly do: 'availBytes'; readonly queue: string; readonly index: number; readonly limit: number }
  /** Put a taken chain back: it was not used after all (RX without a frame). */
  | { readonly do: 'untake'; readonly queue: string; readonly head: number }
  /** Write used.ring[index mod size] = {head, len}. */
  | { readonly do: 'use'; readonly queue: string; readonly index: number; readonly head: number; readonly len: number }
  | { readonly do: 'setUsedIdx'; readonly queue: string; readonly idx: number }
  | { readonly do: 'setUsedFlags'; readonly queue: string; readonly flags: number }
  | { readonly do: 'setAvailEvent'; readonly queue: string; readonly idx: number }
  /** A full memory barrier: the thread's stores to the ring are visible to the guest before it goes on. */
  | { readonly do: 'mb'; readonly queue: string }
  /** Send the device-readable bytes after `skip` (the virtio-net header) to the wire. Result: bytes sent. */
  | { readonly do: 'send'; readonly queue: string; readonly chain: TakenChain; readonly skip: number }
  /** Poll the tap, or do not: while it is not polled, frames wait there and wake nobody. It is polled at power-on and after a reset. */
  | { readonly do: 'pollTap'; readonly poll: boolean }
  /** Look at the next frame without taking it off the tap. Result: ArrivedFrame, or undefined when none waits. */
  | { readonly do: 'peekFrame' }
  /** Take the next frame off the tap. Result: ArrivedFrame, or undefined when none waits. */
  | { readonly do: 'nextFrame' }
  /**
   * Copy `length` bytes of the current frame from `offset`, behind a header of `header` (bytes) and `skip` bytes that are left as
   * they are, into the writable segments, as far as they reach. Result: bytes taken up, header and skipped ones included.
   */
  | {
      readonly do: 'fill';
      readonly queue: string;
      readonly chain: TakenChain;
      readonly header: readonly number[];
      readonly skip?: number;
      readonly offset: number;
      readonly length: number;
    }
  /** Patch bytes already written into a chain (num_buffers). */
  | {
      readonly do: 'patch';
      readonly queue: string;
      readonly chain: TakenChain;
      readonly offset: number;
      readonly bytes: readonly number[];
    }
  | { readonly do: 'dropFrame'; readonly why: string }
  | { readonly do: 'interrupt'; readonly queue: string }
  /** Decided not to interrupt: only for the log. */
  | { readonly do: 'suppressInterrupt'; readonly queue: string; readonly why: string }
  | { readonly do: 'armTimer'; readonly name: string; readonly queue: string; readonly ns: number }
  | { readonly do: 'cancelTimer'; readonly name: string; readonly queue: string }
  /** Call another thread of this host: a bottom half is scheduled, a byte goes down a pipe. One that nobody waited for stays. */
  | { readonly do: 'signal'; readonly name: string }
  /** The emulator gives up (QEMU's exit(1)): the run ends with a finding. */
  | { readonly do: 'die'; readonly queue: string; readonly why: string };

/** `at`: the place in the model's source, where the build has given it one (places.ts). */
export type HostAction = Action & { readonly at?: number };

/**
 * An action with its kind beside it, as a thread has them: actions have as many shapes as kinds, so that to read one's kind is a
 * search of the engine's.
 */
export type Deed = {
  [K in HostAction['do']]: { readonly does: K; readonly action: HostAction & { readonly do: K } };
}[HostAction['do']];

export const deedOf = (action: HostAction): Deed => ({ does: action.do, action }) as Deed;

export type HostResult = unknown;

/** A frame that a host took off the tap; its bytes stay with the device. */
export interface ArrivedFrame {
  /** bytes, without FCS */
  readonly length: number;
  /** the first bytes, as many as a filter looks at: addresses, VLAN tag, type; at most 18 */
  readonly start: readonly number[];
}

/** A thread's variables: flat, plain, and all it remembers from one rest to the next. */
export type HostState = Record<string, number | string | boolean | null>;

export type HostGenerator = Generator<HostAction, never, HostResult>;

export interface HostThreadModel {
  /** as shown in the call stack: `QEMU vCPU thread` */
  readonly name: string;
  readonly initial: HostState;
  /** An endless loop that yields a `rest` or a `loop` first, and comes back to it. */
  run(state: HostState, facts: DeviceFacts): HostGenerator;
}

/** What the device negotiated: constant between DRIVER_OK and reset. */
export interface DeviceFacts {
  readonly features: bigint;
  readonly legacy: boolean;
  readonly mergeable: boolean;
  readonly eventIdx: boolean;
  readonly notifyOnEmpty: boolean;
  /** the driver reads in the header of a received packet how many bytes were skipped behind it */
  readonly rxSkip: boolean;
  /** bytes of struct virtio_net_hdr on this device: 10 or 12; 16 with what the host skipped */
  readonly headerLength: number;
  /** entries; 0 for a queue that the driver has not set up */
  readonly queueSize: Readonly<Record<string, number>>;
  /** six bytes: the device's address as of DRIVER_OK */
  readonly mac: readonly number[];
}

export interface HostModel {
  /** as in scenario files: `qemu-timer` */
  readonly name: string;
  readonly title: string;
  /** Parameters a scenario may set, with defaults; all numbers are ns or counts as their description says. */
  readonly parameters: Readonly<Record<string, { readonly default: number | boolean; readonly description: string }>>;
  /** Whether a kick blocks the vCPU until the thread that serves it rests again (QEMU 2009), or only costs a light exit (eventfd). */
  readonly kick: 'synchronous' | 'eventfd';
  /**
   * The thread that serves the guest's exits is the one that runs the guest (lguest 2.6.30): whenever it is away from rest the vCPU
   * stands still, and what wakes it breaks the guest off first.
   */
  readonly runsGuest?: boolean;
  /** Features this host always offers besides those a scenario chose. */
  readonly features: bigint;
  /** Features that this host does not offer after all, as its parameters say. */
  readonly withholds?: (parameters: Readonly<Record<string, number | boolean>>) => bigint;
  /** Features of ring and transport that a scenario may have this host offer. */
  readonly optional: bigint;
  /**
   * Name of the one lock that every thread of this host holds whenever it is not at rest (QEMU's global mutex). Then one of them at
   * most is away from rest, a thread whose wake is due waits until the lock is free, and all threads share one state object: that of
   * the first.
   */
  readonly lock?: string;
  threads(parameters: Readonly<Record<string, number | boolean>>): readonly HostThreadModel[];
}
