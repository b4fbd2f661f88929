// A DAP client on a session in this process: requests and events go through the protocol's streams as with any editor.
import { PassThrough } from 'node:stream';
import { DebugClient } from '@vscode/debugadapter-testsupport';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { serve, type LaunchArguments, type SessionListener } from '../../../src/debug';
import type { Compiled, Launched, Launcher, Prepared } from '../../../src/scenario';
import type { Program } from '../../../src/toolchain';
import { FakeInspector } from './fake-inspector';
import { type FakeMachine } from './fake-machine';
import { BUNDLED_TEXT, fakeProgram } from './fake-program';

export class TestClient extends DebugClient {
  /** all events so far, and those not yet taken by `next` */
  readonly log: DebugProtocol.Event[] = [];
  private readonly unread: DebugProtocol.Event[] = [];
  private waiting: { readonly type: string; readonly resolve: (event: DebugProtocol.Event) => void } | undefined;

  constructor(launcher: Launcher, listener?: SessionListener) {
    super('', '', 'virtio');
    const [toAdapter, toClient] = [new PassThrough(), new PassThrough()];
    this.connect(toClient, toAdapter);
    serve({ launcher, listener }, toAdapter, toClient, true);
  }

  override emit(type: string | symbol, ...args: unknown[]): boolean {
    const [event] = args as DebugProtocol.Event[];
    if (event?.type === 'event' && type === event.event) this.take(event);
    return super.emit(type, ...args);
  }

  /** The next event of this type: one that came unread, or one that comes. */
  next<E extends DebugProtocol.Event>(type: E['event']): Promise<E> {
    const index = this.unread.findIndex((e) => e.event === type);
    if (index >= 0) return Promise.resolve(this.unread.splice(index, 1)[0] as E);
    return new Promise((resolve) => (this.waiting = { type, resolve: (e) => resolve(e as E) }));
  }

  /** Initializes with everything VS Code supports. */
  hello(args: Partial<DebugProtocol.InitializeRequestArguments> = {}) {
    return this.initializeRequest({
      adapterID: 'virtio',
      pathFormat: 'path',
      linesStartAt1: true,
      columnsStartAt1: true,
      supportsProgressReporting: true,
      supportsInvalidatedEvent: true,
      supportsMemoryEvent: true,
      ...args,
    });
  }

  /** To the first stop. */
  async begin(args: LaunchArguments = { scenario: 'tx-one' }): Promise<DebugProtocol.StoppedEvent> {
    await this.hello();
    await this.launchRequest(args);
    await this.next('initialized');
    await this.configurationDoneRequest();
    return this.next<DebugProtocol.StoppedEvent>('stopped');
  }

  /** A request that moves the machine, and the stop it leads to. */
  async move(command: string, args: object = { threadId: 1 }): Promise<DebugProtocol.StoppedEvent> {
    await this.customRequest(command, args);
    return this.next<DebugProtocol.StoppedEvent>('stopped');
  }

  /** The message of a request that must fail. */
  async refused(command: string, args: object = {}): Promise<string> {
    const answer = await this.customRequest(command, args).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    if (answer === undefined) throw new Error(`${command} was not refused`);
    return answer;
  }

  /** `function:line` of each frame of a thread, labels as they are. */
  async stack(threadId = 1): Promise<string[]> {
    const { body } = await this.stackTraceRequest({ threadId });
    return body.stackFrames.map((f) => (f.presentationHint === 'label' ? f.name : `${f.name}:${f.line}`));
  }

  async topFrame(threadId = 1): Promise<number> {
    const { body } = await this.stackTraceRequest({ threadId, levels: 1 });
    return body.stackFrames[0]?.id ?? -1;
  }

  async evaluate(expression: string, context = 'watch', extra: object = {}): Promise<string> {
    const { body } = await this.evaluateRequest({ expression, context, frameId: await this.topFrame(), ...extra });
    return body.result;
  }

  private take(event: DebugProtocol.Event): void {
    this.log.push(event);
    const { waiting } = this;
    if (waiting?.type === event.event) {
      this.waiting = undefined;
      waiting.resolve(event);
    } else this.unread.push(event);
  }
}

function compiled(program: Program): Compiled {
  return {
    program,
    sourcePath: (file) => {
      const { origin } = program.files[file] ?? {};
      return origin?.kind === 'disk' ? origin.path : undefined;
    },
    sourceText: async () => BUNDLED_TEXT,
    notices: [],
  };
}

export function launched(machine: FakeMachine): Launched {
  const { program, ram } = machine;
  return {
    ...compiled(program),
    machine,
    inspector: new FakeInspector(ram),
    title: 'TX: one packet',
    hostSources: '/hosts',
    save: () => Promise.reject(new Error('there is no scenario')),
  };
}

/** A run without debugging that does what it is told. */
export function prepared(run: Prepared['run']): Prepared {
  return { ...compiled(fakeProgram()), run };
}

const neverAsked = (): Promise<never> => Promise.reject(new Error('this launch was not to be'));

/** A Launcher of which a test needs one half. */
export function launcher(half: Partial<Launcher>): Launcher {
  return { launch: neverAsked, prepare: neverAsked, ...half };
}

/** A Launcher that hands out these machines, one a launch. */
export function launcherOf(...machines: readonly FakeMachine[]): Launcher {
  let launches = 0;
  return launcher({
    launch: async () => {
      const machine = machines[launches++];
      if (machine === undefined) throw new Error('one launch too many');
      return launched(machine);
    },
  });
}
