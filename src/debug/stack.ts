// Stacks: the frames of the vCPU and of host threads, and the ids by which the client asks about them.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { frameName, type FrameRef } from '../guest';
import type { Frame, HostFrame, StopState, Thread } from '../machine';
import type { Program } from '../toolchain';
import type { Client } from './client';
import { RequestError } from './errors';
import type { HostThread } from './host-variables';
import type { Sources } from './sources';
import { hostText } from './words';

/** What a frame id stands for. */
export type StackRef =
  | { readonly kind: 'driver'; readonly frame: FrameRef; readonly innermost: boolean }
  | { readonly kind: 'host'; readonly thread: HostThread; readonly frame?: HostFrame }
  /** a line in the call stack that is no frame */
  | { readonly kind: 'label' };

export class Stacks {
  /** ids of earlier stops are never given again: a late request for one is refused, not answered wrongly */
  private nextId = 1;
  private readonly refs = new Map<number, StackRef>();
  private readonly built = new Map<number, readonly DebugProtocol.StackFrame[]>();
  /** lines with several places to stop at, as a for's head: `function:file:line` */
  private shared: ReadonlySet<string> | undefined;

  constructor(
    private readonly program: Program,
    private readonly sources: Sources,
    private readonly client: Client,
  ) {}

  /** Forgets all frames: the machine goes on. */
  clear(): void {
    this.refs.clear();
    this.built.clear();
  }

  /** One page of a thread's stack, innermost frame first. @throws RequestError for an unknown thread */
  trace(state: StopState, args: DebugProtocol.StackTraceArguments): DebugProtocol.StackTraceResponse['body'] {
    const frames = this.frames(state, args.threadId);
    const start = args.startFrame ?? 0;
    const end = args.levels ? start + args.levels : frames.length;
    const page = frames.slice(start, end);
    return {
      stackFrames: args.format?.line === true ? page.map((f) => this.withLine(f)) : page,
      totalFrames: frames.length,
    };
  }

  /** @throws RequestError when the id is not of this stop */
  ref(frameId: number): StackRef {
    const ref = this.refs.get(frameId);
    if (ref === undefined) throw new RequestError(`There is no frame ${frameId}: the machine has moved on since.`);
    return ref;
  }

  private frames(state: StopState, threadId: number): readonly DebugProtocol.StackFrame[] {
    const known = this.built.get(threadId);
    if (known !== undefined) return known;
    const thread = state.threads.find((t) => t.id === threadId);
    if (thread === undefined) throw new RequestError(`There is no thread ${threadId}.`);
    const frames = this.build(thread, state);
    this.built.set(threadId, frames);
    return frames;
  }

  private build(thread: Thread, { threads, timeNs }: StopState): DebugProtocol.StackFrame[] {
    if (thread.kind === 'host') return this.hostFrames(thread, timeNs);
    const server = threads.find((t) => t.id === thread.blockedBy);
    const exit = server === undefined ? [] : [this.label(`--- VM exit, served by ${server.name} ---`)];
    if (thread.frames.length === 0) return [...exit, this.label('idle: no driver code runs')];
    let innermost = true;
    const frames = thread.frames.map((frame) => {
      const row = this.frame(frame, innermost);
      if (frame.kind === 'driver') innermost = false;
      return row;
    });
    return [...exit, ...frames];
  }

  private frame(frame: Frame, innermost: boolean): DebugProtocol.StackFrame {
    if (frame.kind === 'interrupt') return this.label(frame.label);
    // guest knows that in a prologue, where nothing of the function has run, its declaration is the line to show
    const place = frameName(this.program, frame);
    return {
      id: this.newId({ kind: 'driver', frame, innermost }),
      name: place?.function ?? `function ${frame.func}`,
      source: place && this.sources.source(place.file),
      line: this.client.lineTo(place?.line ?? 0),
      // a column in mid-line scrolls the editor sideways: it is told where it tells one stop of a line from another
      column: this.client.columnTo((place && this.isShared(frame.func, place) && place.column) || 1),
    };
  }

  private isShared(func: number, { file, line }: { readonly file: number; readonly line: number }): boolean {
    this.shared ??= sharedLines(this.program);
    return this.shared.has(lineKey(func, file, line));
  }

  /** The model's functions, and below them what the thread does or waits for. */
  private hostFrames(thread: HostThread, timeNs: number): DebugProtocol.StackFrame[] {
    const frames = (thread.frames ?? []).map((frame) => ({
      id: this.newId({ kind: 'host', thread, frame }),
      name: frame.function,
      source: this.sources.hostSource(frame.file),
      line: this.client.lineTo(frame.line),
      column: this.client.columnTo(1),
    }));
    return [...frames, this.label(hostText(thread, timeNs), { kind: 'host', thread })];
  }

  private label(name: string, ref: StackRef = { kind: 'label' }): DebugProtocol.StackFrame {
    return { id: this.newId(ref), name, line: 0, column: 0, presentationHint: 'label' };
  }

  private newId(ref: StackRef): number {
    const id = this.nextId++;
    this.refs.set(id, ref);
    return id;
  }

  private withLine(frame: DebugProtocol.StackFrame): DebugProtocol.StackFrame {
    return frame.presentationHint === 'label' ? frame : { ...frame, name: `${frame.name} Line ${frame.line}` };
  }
}

const lineKey = (func: number, file: number, line: number): string => `${func}:${file}:${line}`;

function sharedLines({ sites }: Program): ReadonlySet<string> {
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const { func, file, line } of sites) {
    const key = lineKey(func, file, line);
    (seen.has(key) ? shared : seen).add(key);
  }
  return shared;
}
