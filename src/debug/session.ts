// The session: routes each request to the file that knows its subject, and turns every failure into an error response.
import { BreakpointEvent, DebugSession, InitializedEvent, Response } from '@vscode/debugadapter';
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { FrameRef } from '../guest';
import type { RunRequest, StepTarget } from '../machine';
import type { Launcher } from '../scenario';
import { rangeName } from './address';
import { Breakpoints } from './breakpoints';
import { CAPABILITIES } from './capabilities';
import { Client } from './client';
import { completions } from './completions';
import { DataBreakpoints } from './data-breakpoints';
import { messageOf, RequestError } from './errors';
import { type Assignment, assignment, evaluate, scopeOf, splitAssignment } from './evaluate';
import { EventBreakpoints, exceptionInfo } from './exceptions';
import { Ids } from './ids';
import { type LaunchArguments, parseLaunchArguments } from './launch';
import { Launching } from './launching';
import { evaluateHost, hostCompletions, hostScope, isOfHost } from './host-variables';
import { Live, type SessionListener } from './live';
import { plainOutput } from './output';
import type { Answer, Handlers, Requests } from './requests';
import type { StackRef } from './stack';
import { refuseAtTheEdge, type StepCommand, stepRequest } from './stepping';
import { Unattended } from './unattended';

export interface SessionOptions {
  readonly launcher: Launcher;
  readonly listener?: SessionListener;
}

/** The debug adapter. Usable inline (`vscode.DebugAdapterInlineImplementation`) and, after `start`, on streams. */
export class VirtioSession extends DebugSession {
  private readonly launcher: Launcher;
  private readonly listener: SessionListener;
  private client = new Client({});
  private current: Live | Unattended | undefined;
  private args: LaunchArguments | undefined;
  private readonly launching: Launching;
  private readonly breakpoints: Breakpoints;
  private readonly data: DataBreakpoints;
  private readonly events: EventBreakpoints;

  constructor(options: SessionOptions) {
    super();
    this.listener = options.listener ?? {};
    this.launcher = options.launcher;
    this.launching = new Launching(
      () => this.client,
      (event) => this.sendEvent(event),
    );
    const ids = new Ids();
    this.breakpoints = new Breakpoints(ids, () => this.client);
    this.data = new DataBreakpoints(ids);
    this.events = new EventBreakpoints(ids);
  }

  /** Ends the session without a word: the client is gone. */
  override dispose(): void {
    void this.close();
  }

  /** The client's stream is closed, or it has disconnected. */
  override shutdown(): void {
    void this.close().finally(() => super.shutdown());
  }

  protected override dispatchRequest(request: DebugProtocol.Request): void {
    void this.respond(request);
  }

  private async respond(request: DebugProtocol.Request): Promise<void> {
    const response: DebugProtocol.Response = new Response(request);
    try {
      const { body, after } = await this.handle(request);
      if (body !== undefined) response.body = body;
      this.sendResponse(response);
      after?.();
    } catch (error) {
      this.refuse(response, error);
    }
  }

  private handle(request: DebugProtocol.Request): Answer<unknown> | Promise<Answer<unknown>> {
    const { command, seq } = request;
    if (!Object.hasOwn(this.handlers, command))
      throw new RequestError(`Virtio Lab does not know the request "${command}".`);
    const handler = this.handlers[command as keyof Requests] as (args: unknown, seq: number) => Answer<unknown>;
    return handler(request.arguments ?? {}, seq);
  }

  private refuse(response: DebugProtocol.Response, error: unknown): void {
    // a response with a number is on its way already: what failed came after it
    if (response.seq > 0) {
      this.sendEvent(plainOutput(messageOf(error), 'stderr'));
      return;
    }
    const options = error instanceof RequestError ? error.options : {};
    const text = messageOf(error);
    response.success = false;
    response.message = options.code ?? text;
    // the text is no template: its braces are C's, or a user's
    response.body = {
      error: { id: 1, format: '{_text}', variables: { _text: text }, showUser: options.showUser ?? false },
    };
    this.sendResponse(response);
  }

  // ---- requests -----------------------------------------------------------------------------------------------------

  private readonly handlers: Handlers = {
    initialize: (args) => {
      this.client = new Client(args);
      return { body: CAPABILITIES };
    },

    launch: async (raw, seq) => {
      if (this.current !== undefined) throw new RequestError('This session has been launched already.');
      const args = parseLaunchArguments(raw);
      const changed = await this.launch(args, seq);
      return {
        after: () => {
          this.announce(changed);
          this.sendEvent(new InitializedEvent());
        },
      };
    },

    attach: () => {
      throw new RequestError(
        'Virtio Lab runs a driver on a machine of its own; there is nothing to attach to. Use "request": "launch".',
        { showUser: true },
      );
    },

    restart: async (raw, seq) => {
      if (this.current === undefined) throw nothingLaunched();
      const args = raw?.arguments === undefined ? this.args : parseLaunchArguments(raw.arguments);
      if (args === undefined) throw new RequestError('There is nothing to restart.');
      const changed = await this.launch(args, seq);
      return {
        after: () => {
          this.announce(changed);
          this.begin();
        },
      };
    },

    configurationDone: () => ({ after: () => this.begin() }),

    disconnect: async () => {
      await this.close();
      return { after: () => super.shutdown() };
    },

    terminate: () => {
      this.launching.cancelAll();
      return { after: () => void this.current?.terminate() };
    },

    cancel: (args) => {
      const { requestId, progressId } = args ?? {};
      for (const id of [requestId, progressId]) if (id !== undefined) this.launching.cancel(id);
      if (progressId !== undefined && this.current instanceof Live) this.current.cancel(progressId);
      return {};
    },

    threads: () => {
      const state = this.current instanceof Live ? this.current.machine.state : undefined;
      const threads = state?.threads.map(({ id, name }) => ({ id, name }));
      return { body: { threads: threads ?? [{ id: 1, name: 'vCPU 0' }] } };
    },

    stackTrace: (args) => ({ body: this.stopped().stacks.trace(this.stopped().state, args) }),

    scopes: ({ frameId }) => {
      const live = this.stopped();
      return { body: { scopes: live.variables.scopes(live.stacks.ref(frameId)) } };
    },

    variables: (args) => ({ body: { variables: this.stopped().variables.list(args) } }),

    setVariable: async ({ variablesReference, name, value, format }) => {
      const { variable, frame } = this.stopped().variables.find(variablesReference, name);
      if (variable.evaluateName === undefined || !variable.settable)
        throw new RequestError(`${name} cannot be set.`, { showUser: true });
      return this.assign({ target: variable.evaluateName, value }, frame, format?.hex === true);
    },

    setExpression: ({ expression, value, frameId, format }) =>
      this.assign({ target: expression, value }, scopeOf(this.frame(frameId)), format?.hex === true),

    evaluate: async ({ expression, frameId, context, format }) => {
      const live = this.stopped();
      const ref = this.frame(frameId);
      const asHex = format?.hex === true;
      if (ref?.kind === 'host' && isOfHost(expression, hostScope(ref.thread, ref.frame))) {
        const value = evaluateHost(expression, hostScope(ref.thread, ref.frame));
        const { value: result, ...rest } = live.variables.hostResult(value, expression);
        return { body: { result, ...rest } };
      }
      const written = context === 'repl' ? splitAssignment(expression) : undefined;
      if (written !== undefined) {
        const { body, after } = await this.assign(written, scopeOf(ref), asHex);
        return {
          body: { result: body.value, type: body.type, variablesReference: body.variablesReference ?? 0 },
          after,
        };
      }
      const variable = evaluate(live.launched.inspector, expression, scopeOf(ref));
      const { value, ...children } = live.variables.result(variable, scopeOf(ref), asHex);
      const { type, memoryReference, settable } = variable;
      const presentationHint = settable ? undefined : { attributes: ['readOnly'] };
      return { body: { result: value, type, memoryReference, presentationHint, ...children } };
    },

    completions: ({ text, column, frameId }) => {
      const { inspector } = this.stopped().launched;
      const ref = this.frame(frameId);
      const at = this.client.columnFrom(column);
      const targets =
        ref?.kind === 'host'
          ? hostCompletions(text, at, hostScope(ref.thread, ref.frame))
          : completions(inspector, text, at, scopeOf(ref));
      return { body: { targets } };
    },

    source: async ({ source, sourceReference }) => {
      const { sources } = this.running();
      const [file] = sources.filesOf({ ...source, sourceReference: source?.sourceReference ?? sourceReference });
      if (file === undefined) throw new RequestError(`There is no source ${source?.path ?? sourceReference}.`);
      return { body: { content: await sources.text(file), mimeType: 'text/x-c' } };
    },

    loadedSources: () => ({ body: { sources: this.running().sources.all() } }),

    continue: () => this.run({ kind: 'continue' }, { allThreadsContinued: true }),
    reverseContinue: () => this.run({ kind: 'reverse' }, undefined),
    next: (args) => this.step('next', args),
    stepIn: (args) => this.step('stepIn', args),
    stepOut: (args) => this.step('stepOut', args),
    stepBack: (args) => this.step('stepBack', args),

    pause: () => {
      const live = this.running();
      // a machine that stands still is paused already
      if (live.running) live.machine.pause();
      return {};
    },

    stepInTargets: async ({ frameId }) => {
      const live = this.stopped();
      const ref = live.stacks.ref(frameId);
      // a step begins at the innermost frame only
      if (ref.kind !== 'driver' || !ref.innermost) return { body: { targets: [] } };
      live.targets = await live.machine.stepTargets();
      return { body: { targets: live.targets.map(({ label }, id) => ({ id, label })) } };
    },

    setBreakpoints: async ({ source, breakpoints }) => ({
      body: { breakpoints: await this.breakpoints.setSource(source, breakpoints ?? []) },
    }),

    setFunctionBreakpoints: async ({ breakpoints }) => ({
      body: { breakpoints: await this.breakpoints.setFunctions(breakpoints) },
    }),

    setExceptionBreakpoints: async (args) => ({ body: { breakpoints: await this.events.set(args) } }),

    breakpointLocations: ({ source, line, endLine }) => {
      const { lines, sources } = this.running();
      const from = this.client.lineFrom(line);
      const to = endLine === undefined ? from : this.client.lineFrom(endLine);
      const host = sources.hostFileOf(source);
      if (host !== undefined) {
        const inside = sources.hostLines(host).filter((l) => l >= from && l <= to);
        return { body: { breakpoints: inside.map((l) => ({ line: this.client.lineTo(l) })) } };
      }
      const breakpoints = lines.locations(sources.filesOf(source), from, to).map((site) => ({
        line: this.client.lineTo(site.line),
        column: site.column > 0 ? this.client.columnTo(site.column) : undefined,
      }));
      return { body: { breakpoints } };
    },

    dataBreakpointInfo: ({ variablesReference, name, frameId, bytes, asAddress }) => {
      if (asAddress === true) return { body: this.data.forAddress(name, bytes) };
      const live = this.stopped();
      const variable =
        variablesReference !== undefined && variablesReference > 0
          ? live.variables.find(variablesReference, name).variable
          : evaluate(live.launched.inspector, name, scopeOf(this.frame(frameId)));
      return { body: this.data.forVariable(variable, bytes) };
    },

    setDataBreakpoints: async ({ breakpoints }) => ({ body: { breakpoints: await this.data.set(breakpoints) } }),

    exceptionInfo: () => ({ body: exceptionInfo(this.stopped().state, this.stopped().machine.program) }),

    readMemory: (args) => ({ body: this.stopped().memory.read(args) }),

    writeMemory: async (args) => {
      const live = this.stopped();
      const edit = live.memory.write(args);
      if (edit.bytes.length === 0) return { body: { bytesWritten: 0 } };
      return { body: { bytesWritten: edit.bytes.length }, after: await live.edit(edit) };
    },

    'virtioLab.goTo': ({ tick, sub = 0 }) => this.run({ kind: 'goto', position: { tick, sub } }, undefined),

    'virtioLab.breakOnWrite': async ({ address, size, label = rangeName(address, size) }) => {
      const { id, added } = await this.data.watch({ address, size, label });
      const say = (): void => this.sendEvent(plainOutput(`Stops when ${label} is written.`, 'console'));
      return { body: { id }, after: added ? say : undefined };
    },

    'virtioLab.clearBreakOnWrite': async (args) => {
      await this.data.unwatch(args?.id);
      return {};
    },

    'virtioLab.lastWriter': ({ address, size, label = rangeName(address, size) }) => {
      const live = this.stopped();
      this.data.mustBeRam({ address, size, label });
      return { after: () => live.toLastWriter(address, size, label) };
    },

    'virtioLab.nextWriter': async ({ address, size, label = rangeName(address, size) }) => {
      const live = this.stopped();
      refuseAtTheEdge({ kind: 'continue' }, live.state);
      await this.data.watchOnce({ address, size, label });
      return { after: () => live.run({ kind: 'continue' }) };
    },
  };

  // ---- the machine --------------------------------------------------------------------------------------------------

  /** The launched machine, running or not. */
  private running(): Live {
    if (this.current === undefined) throw nothingLaunched();
    if (this.current instanceof Live) return this.current;
    throw new RequestError('The driver runs without debugging.', { code: 'notStopped' });
  }

  /** The launched machine, to be looked at. @throws RequestError while it runs */
  private stopped(): Live {
    const live = this.running();
    void live.state;
    return live;
  }

  private frame(frameId: number | undefined): StackRef | undefined {
    return frameId === undefined ? undefined : this.stopped().stacks.ref(frameId);
  }

  /**
   * Compiles, and makes the new machine the session's; the one before it goes only then: an error in C costs nobody his place in a run.
   * @returns the breakpoints as they now are
   */
  private async launch(args: LaunchArguments, seq: number): Promise<DebugProtocol.Breakpoint[]> {
    const send = (event: DebugProtocol.Event): void => this.sendEvent(event);
    if (args.noDebug === true) {
      const prepare = (signal: AbortSignal, report: (text: string) => void) =>
        this.launcher.prepare(args, signal, report);
      const prepared = await this.launching.launch(seq, prepare, async () => undefined);
      await this.install(new Unattended(prepared, this.client, send), args);
      return [];
    }
    const launched = await this.launching.launch(
      seq,
      (signal, report) => this.launcher.launch(args, signal, report),
      (late) => late.machine.dispose(),
    );
    const known = {
      isFunction: (id: number) => this.breakpoints.isFunction(id),
      label: (id: number) => this.data.label(id),
      idsOf: (names: readonly string[]) => this.events.idsOf(names),
    };
    const live = new Live(launched, this.client, known, send, this.listener);
    await this.install(live, args);
    this.listener.launched?.(launched);
    const lines = await this.breakpoints.bind(live);
    return [...lines, ...(await this.data.bind(live.machine)), ...(await this.events.bind(live.machine))];
  }

  private async install(next: Live | Unattended, args: LaunchArguments): Promise<void> {
    const previous = this.current;
    this.current = next;
    this.args = args;
    await previous?.discard();
  }

  private announce(changed: readonly DebugProtocol.Breakpoint[]): void {
    for (const breakpoint of changed) this.sendEvent(new BreakpointEvent('changed', breakpoint));
  }

  private begin(): void {
    this.current?.start();
  }

  private run<Body>(request: RunRequest, body: Body): Answer<Body> {
    const live = this.stopped();
    refuseAtTheEdge(request, live.state);
    const after = (): void => {
      // served before the run is: the machine takes requests in order
      this.data.endOnce().catch((error: unknown) => this.sendEvent(plainOutput(messageOf(error), 'stderr')));
      live.run(request);
    };
    return { body, after };
  }

  private step(command: StepCommand, args: DebugProtocol.StepInArguments): Answer<undefined> {
    const live = this.stopped();
    const into = { target: this.chosen(live, args.targetId), interrupts: this.args?.stepIntoInterrupts === true };
    return this.run(stepRequest(command, args, live.state, into), undefined);
  }

  private chosen(live: Live, targetId: number | undefined): StepTarget | undefined {
    if (targetId === undefined) return undefined;
    const chosen = live.targets[targetId];
    if (chosen === undefined) throw new RequestError(`There is no step-in target ${targetId} at this stop.`);
    return chosen.target;
  }

  private async assign(what: Assignment, frame: FrameRef | undefined, asHex: boolean) {
    const live = this.stopped();
    const { inspector } = live.launched;
    const after = await live.edit(assignment(inspector, what, frame));
    const variable = evaluate(inspector, what.target, frame);
    const { type, memoryReference } = variable;
    return { body: { type, memoryReference, ...live.variables.result(variable, frame, asHex) }, after };
  }

  private async close(): Promise<void> {
    this.launching.cancelAll();
    const { current } = this;
    this.current = undefined;
    await current?.end();
  }
}

function nothingLaunched(): RequestError {
  return new RequestError('No driver has been launched.');
}
