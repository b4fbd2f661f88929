// Performs the actions of host threads: what each does to device and rings, what it costs its thread, and how far a thread goes on by itself.
import {
  ahead,
  DeviceError,
  DmaFault,
  drains,
  isStore,
  type HostAction,
  type HostModel,
  type HostThread,
  type NetDevice,
  type Performer,
  type TakenChain,
} from '../device';
import { actionCost } from './action-cost';
import { GuestEnd } from './goal';
import { HOST_THREADS, type HostRunner } from './host-runner';
import type { Hub } from './hub';
import type { TapFrame } from './skb-tracker';

/** An action of this kind. */
type Of<Kind extends HostAction['do']> = Extract<HostAction, { readonly do: Kind }>;

/** Told of the chains that threads move. */
export interface ChainListener {
  /** a chain was filled with (a part of) a frame from the tap */
  frameFilled(queue: string, head: number, frame: TapFrame): void;
  /** a chain was taken by the device */
  taken(queue: string, head: number): void;
  untaken(queue: string, head: number): void;
  /** site that wrote the entry of avail.ring at an index, where it is known */
  addedAt(queue: string, index: number): number | undefined;
}

/** The host's side around the threads. */
export interface HostActionsPort {
  readonly device: NetDevice;
  readonly model: HostModel;
  /** the threads that there are now: undefined before DRIVER_OK, and after a reset */
  readonly runner: HostRunner | undefined;
  /** frames wait at the tap, and it is polled */
  readonly framesWait: boolean;
  /** the frame that was taken off the tap last */
  readonly frame: TapFrame;
  /** the first frame waits at the tap */
  frameWaits(): void;
  /** the emulator has given up: nothing on this side moves any more */
  died(): void;
}

export class HostActions {
  /** thread that acts right now, -1 when the driver does */
  acting = -1;
  /** the thread whose next action is about to be performed: where a stop on a host's line is */
  about: HostThread | undefined;
  /** its name, for the log; `driver` while the driver's own register access is carried out */
  actingName = 'driver';
  /** head of the chain that is being sent, or was last */
  sendingHead = -1;
  /** the action that is being performed now, or was last: a store's place in its model is the action's */
  private performing: HostAction | undefined;
  /** entry of the available ring whose chain is being taken */
  private taking: { readonly queue: string; readonly index: number } | undefined;
  /** the thread that acts, when its action is over, and until when it may go on: no further than anything else can be due */
  private thread: HostThread | undefined;
  private actedNs = 0;
  private aheadUntil = -Infinity;

  /**
   * @param storeBuffer actions until a store of a host thread is visible to the guest; 0: at once
   * @param looked somebody looks at the run: every action is one of its own
   */
  constructor(
    private readonly hub: Hub,
    private readonly port: HostActionsPort,
    private readonly chains: ChainListener,
    private readonly storeBuffer: number,
    private readonly looked: boolean,
  ) {}

  /** Line of the driver that added the chain that is being taken: what is wrong with the chain was done there. */
  get takingSite(): number | undefined {
    return this.taking && this.chains.addedAt(this.taking.queue, this.taking.index);
  }

  /** Number of the place in its model at which a thread does what it does now; undefined where models have none. */
  get place(): number | undefined {
    return this.performing?.at;
  }

  /** Nothing acts: a state was restored. */
  reset(): void {
    this.acting = -1;
    this.about = undefined;
    this.actingName = 'driver';
  }

  /**
   * A thread performs its next action, or, `drains`, goes to sleep in a system call: what it has stored is visible from there on.
   * @param until it goes on before this time, when nobody looks on
   * @returns virtual ns that passed while it went on
   */
  act(index: number, drains: boolean, until: number): number {
    const { runner } = this.port;
    if (runner === undefined) return 0;
    const thread = runner.thread(index);
    this.about = drains ? undefined : thread;
    this.hub.tick(HOST_THREADS + index);
    this.about = undefined;
    if (this.port.runner !== runner) return 0;
    this.acting = HOST_THREADS + index;
    this.actingName = thread.name;
    try {
      if (drains) {
        this.show(thread.buffer.empty());
        runner.drained();
      } else {
        const { clock } = this.hub;
        const from = clock.ns;
        this.aheadUntil = changesDues(thread.does) ? -Infinity : until;
        ahead.by = this.looked ? undefined : this.goesOn;
        this.performAction(runner, index, thread);
        return clock.ns - from;
      }
      return 0;
    } catch (error) {
      if (!(error instanceof DeviceError) && !(error instanceof DmaFault)) throw error;
      this.giveUp(thread.name, error);
    } finally {
      ahead.by = undefined;
      this.acting = -1;
      this.actingName = 'driver';
      this.taking = undefined;
    }
  }

  /**
   * The thread that acts has come to its next action. While nothing else can be due it is performed at once: one look around serves
   * many actions, and the model's code is not left.
   */
  private readonly goesOn: Performer = (does, action) => {
    if (!(this.actedNs < this.aheadUntil) || does === 'wait' || does === 'rest') return false;
    const { thread, acting } = this;
    if (thread === undefined) return false;
    this.hub.clock.ns = this.actedNs;
    this.hub.tick(acting);
    this.taking = undefined;
    if (changesDues(does)) this.aheadUntil = -Infinity;
    thread.doing(does, action);
    this.actedNs += this.performed(acting - HOST_THREADS, thread, action, does);
    return true;
  };

  private performAction(runner: HostRunner, index: number, thread: HostThread): void {
    const { costs, statistics } = this.hub;
    const { action } = thread;
    if (!thread.waits) {
      const cost = this.performed(index, thread, action, thread.does);
      return this.completed(runner, index, thread, ahead.result, cost);
    }
    const wake = runner.awaken(index);
    // A synchronous kick wakes nobody: the thread was in the guest.
    if (wake !== undefined && !(wake.on === 'kick' && this.port.model.kick === 'synchronous'))
      statistics.cost.woken(index);
    const cost = action.do === 'wait' && action.ns !== undefined ? costs.hostSelect : 0;
    this.completed(runner, index, thread, wake, cost);
  }

  /** A thread that does not wait does this. Its result is `ahead`'s. Returns virtual ns that it takes the thread. */
  private performed(index: number, thread: HostThread, action: HostAction, does: HostAction['do']): number {
    if (does === 'send') this.sendingHead = (action as Of<'send'>).chain.head;
    else if (does === 'take') this.taking = action as Of<'take'>;
    else if (does === 'use') this.fills(action as Of<'use'>);
    const result = this.perform(thread, action);
    if (does === 'take') this.took(action as Of<'take'>, result as TakenChain);
    else if (does === 'untake') this.putBack(action as Of<'untake'>);
    else if (does === 'pollTap' && this.port.framesWait) this.port.frameWaits();
    this.hub.statistics.cost.acted(index, does, result);
    ahead.result = result;
    return actionCost(this.hub, action, does, result);
  }

  /** The thread has its result, and goes on after `cost` ns. */
  private completed(runner: HostRunner, index: number, thread: HostThread, result: unknown, cost: number): void {
    this.thread = thread;
    this.actedNs = this.hub.clock.ns + cost;
    thread.complete(result);
    runner.acted(index, this.actedNs, this.port.framesWait);
    this.worked(index, thread, this.actedNs);
  }

  /** Performs an action, its stores by way of the thread's store buffer where the host has one. */
  private perform(thread: HostThread, action: HostAction): unknown {
    this.performing = action;
    if (this.storeBuffer === 0) return this.port.device.carryOut(thread.deed);
    if (drains(action)) this.show(thread.buffer.empty());
    if (isStore(action)) {
      this.show(thread.buffer.age());
      thread.buffer.hold(action, this.storeBuffer);
      return undefined;
    }
    this.performing = action;
    const result = this.port.device.perform(action);
    this.show(thread.buffer.age());
    return result;
  }

  /** Stores become visible to the guest. */
  private show(stores: readonly HostAction[]): void {
    for (const store of stores) {
      this.performing = store;
      this.port.device.perform(store);
    }
  }

  /** A thread has acted until `ns`: it goes on then, or waits. */
  private worked(index: number, thread: HostThread, ns: number): void {
    if (thread.waits) {
      this.hub.statistics.cost.sleeps(index);
      this.hub.timeline.host(thread.name, false, ns);
    } else this.hub.timeline.host(thread.name, true, this.hub.clock.ns);
  }

  private fills({ queue, head }: Of<'use'>): void {
    if (queue === 'rx') this.chains.frameFilled(queue, head, this.port.frame);
  }

  private took({ queue }: Of<'take'>, { head, descriptors }: TakenChain): void {
    this.chains.taken(queue, head);
    this.hub.statistics.cost.took(queue, descriptors);
  }

  private putBack({ queue, head }: Of<'untake'>): void {
    this.chains.untaken(queue, head);
    this.hub.statistics.cost.putBack(queue);
  }

  /** QEMU's exit(1): the virtual machine is gone. */
  private giveUp(thread: string, error: DeviceError | DmaFault): never {
    this.port.died();
    this.hub.finding(
      error instanceof DmaFault ? 'bad-address' : 'device-error',
      `${thread} gives up: ${error.message}`,
      { site: this.takingSite },
    );
    throw new GuestEnd(`the host died: ${error.message}`);
  }
}

/** Whether what else is due can come sooner by an action: by an interrupt, another thread, a timer, or a frame that is answered. */
function changesDues(does: HostAction['do']): boolean {
  return (
    does === 'send' ||
    does === 'interrupt' ||
    does === 'signal' ||
    does === 'pollTap' ||
    does === 'armTimer' ||
    does === 'cancelTimer'
  );
}
