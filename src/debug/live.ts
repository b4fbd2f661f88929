// Live: one machine from launch to its end. Runs it, announces its stops, and says whether it can be looked at now.
import { InvalidatedEvent, MemoryEvent, TerminatedEvent } from '@vscode/debugadapter';
import type { DebugProtocol } from '@vscode/debugprotocol';
import {
  MachineGone,
  type Edit,
  type MachineHandle,
  type RunRequest,
  type StepTarget,
  type StopState,
} from '../machine';
import type { Launched } from '../scenario';
import type { Client } from './client';
import { messageOf, notStopped, RequestError } from './errors';
import { Lines } from './lines';
import { Memory } from './memory';
import { outputEvent, plainOutput } from './output';
import { Progress } from './progress';
import { Sources } from './sources';
import { Stacks } from './stack';
import { type KnownBreakpoints, stoppedEvent } from './stopped';
import { Variables } from './variables';

/** Follows a session without speaking DAP: the ring panel does. Called after the client has been told. */
export interface SessionListener {
  launched?(launched: Launched): void;
  running?(machine: MachineHandle): void;
  /** at each stop, and again after each edit made there */
  stopped?(machine: MachineHandle, state: StopState): void;
  ended?(): void;
}

const TITLES: Readonly<Record<RunRequest['kind'], string>> = {
  continue: 'Running',
  into: 'Stepping',
  over: 'Stepping',
  out: 'Stepping out',
  back: 'Stepping back',
  reverse: 'Running in reverse',
  goto: 'Going there',
};

export class Live {
  readonly machine: MachineHandle;
  readonly sources: Sources;
  readonly lines: Lines;
  readonly stacks: Stacks;
  readonly variables: Variables;
  readonly memory: Memory;
  /** what a step into can choose from at this stop; a targetId is an index into it */
  targets: readonly { readonly label: string; readonly target: StepTarget }[] = [];

  private busy = false;
  private ended = false;
  private cancelled = false;
  private progress: Progress | undefined;
  private undertakings = 0;
  private readonly unsubscribe: readonly (() => void)[];

  constructor(
    readonly launched: Launched,
    private readonly client: Client,
    private readonly known: KnownBreakpoints,
    private readonly send: (event: DebugProtocol.Event) => void,
    private readonly listener: SessionListener,
  ) {
    const { machine } = launched;
    this.machine = machine;
    this.sources = new Sources(machine.program, launched, {
      folder: launched.hostSources,
      lines: machine.hostLines,
    });
    this.lines = new Lines(machine.program);
    this.stacks = new Stacks(machine.program, this.sources, client);
    this.variables = new Variables(launched.inspector);
    this.memory = new Memory(machine.ram);
    this.unsubscribe = [
      machine.onOutput((output) => this.send(outputEvent(output, machine.program, this.sources, client))),
      machine.onGone((why) => this.fail(why)),
    ];
  }

  get running(): boolean {
    return this.busy;
  }

  /** The stop that requests are about. @throws RequestError while the machine runs, and when it has ended */
  get state(): StopState {
    if (this.ended) throw new RequestError('The session is over.');
    const { state } = this.machine;
    if (this.busy || state === undefined) throw notStopped();
    return state;
  }

  /** Boots the machine and runs it to its first stop. */
  start(): void {
    for (const notice of this.launched.notices) this.send(plainOutput(notice, 'important'));
    this.follow(this.machine.start(), {});
  }

  /** Moves the machine. The stop is announced when it comes. */
  run(request: RunRequest): void {
    const progress = this.begin(TITLES[request.kind]);
    this.follow(
      this.machine.run(request, ({ message, fraction }) => progress?.report(message, fraction)),
      {},
    );
  }

  /** Moves the machine back to the last write of a range (guest pointer, bytes), if there was one. */
  toLastWriter(address: number, size: number, label: string): void {
    const nobody = `Nothing has written ${label} before this position.`;
    this.follow(this.machine.lastWriter(address, size), { label, nobody });
  }

  /** Gives up a search or replay by the id of its progress. False when there is none such. */
  cancel(progressId: string): boolean {
    if (this.progress?.id !== progressId) return false;
    this.cancelled = true;
    this.machine.cancel();
    return true;
  }

  /**
   * Writes guest RAM as the person at the debugger.
   * @returns what to send after the answer
   */
  async edit(edit: Edit): Promise<() => void> {
    const { state } = this;
    const dropped = await this.machine.edit(edit);
    return () => this.edited(edit, dropped, state);
  }

  /** Ends the machine, and tells everyone. */
  async terminate(): Promise<void> {
    if (this.ended) return;
    await this.end();
    this.send(new TerminatedEvent());
  }

  /** Ends the machine without a word to the client. Safe to call twice. */
  async end(): Promise<void> {
    if (this.ended) return;
    await this.discard();
    this.listener.ended?.();
  }

  /** Ends the machine's worker; another machine takes its place (restart). */
  async discard(): Promise<void> {
    this.ended = true;
    this.progress?.end();
    for (const stop of this.unsubscribe) stop();
    await this.machine.dispose();
  }

  private begin(title: string): Progress | undefined {
    if (!this.client.progress) return undefined;
    const id = `virtio-${this.machine.program.hash.slice(0, 8)}-${++this.undertakings}`;
    return (this.progress = new Progress(id, title, this.send, () => this.cancel(id)));
  }

  private resume(): void {
    this.busy = true;
    this.cancelled = false;
    this.targets = [];
    this.stacks.clear();
    this.variables.clear();
    this.listener.running?.(this.machine);
  }

  private follow(
    run: Promise<StopState | undefined>,
    what: { readonly label?: string; readonly nobody?: string },
  ): void {
    this.resume();
    run.then(
      (state) => {
        if (state === undefined) this.stuck(new Error(what.nobody));
        else this.arrive(state, what.label);
      },
      (error: unknown) => this.stuck(error),
    );
  }

  /** @param label what a search was for */
  private arrive(state: StopState, label?: string): void {
    if (this.ended) return;
    this.busy = false;
    this.progress?.end();
    this.progress = undefined;
    this.send(stoppedEvent(state, this.known, label));
    this.listener.stopped?.(this.machine, state);
  }

  /** A run that failed: the machine is where it was, unless it is gone. */
  private stuck(error: unknown): void {
    if (this.ended) return;
    const { state } = this.machine;
    if (error instanceof MachineGone || state === undefined) {
      this.fail(error);
      return;
    }
    if (!this.cancelled) this.send(plainOutput(messageOf(error), 'important'));
    this.arrive(state);
  }

  private fail(error: unknown): void {
    if (this.ended) return;
    this.send(plainOutput(messageOf(error), 'stderr'));
    void this.terminate();
  }

  private edited({ address, bytes, text }: Edit, dropped: boolean, before: StopState): void {
    if (this.ended) return;
    if (dropped) this.send(plainOutput(`${text}: what was recorded after this position is dropped.`, 'console'));
    if (this.client.memory)
      for (const { memoryReference, offset, count } of this.memory.touched(address, bytes.length))
        this.send(new MemoryEvent(memoryReference, offset, count));
    if (this.client.invalidated) this.send(new InvalidatedEvent(['variables']));
    this.listener.stopped?.(this.machine, this.machine.state ?? before);
  }
}
