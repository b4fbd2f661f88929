// A run without anybody looking: in this thread, at run level, to its end.
import { RAM_SIZE } from '../toolchain';
import { Breakpoints } from './breakpoints';
import type { Level } from './cpu';
import { Unwind, type Goal } from './goal';
import { skbLayoutOf } from './skb-layout';
import type { MachineOutput, SentFrame } from './handle';
import type { PacketCost } from './packet-costs';
import { Machine } from './machine';
import type { MachineSetup } from './setup';
import { stalls } from './stall';
import type { Control } from './stops';
import { queueCounters } from './view';
import type { ExitKind, Finding, MachineEvent, QueueCounters } from './types';

export interface PacketSummary {
  readonly offered: number;
  /** tx: left on the wire; rx: delivered to the stack */
  readonly done: number;
  readonly dropped: number;
  /** when the first one was offered, and when the last one was done; 0: never */
  readonly firstNs: number;
  readonly lastNs: number;
  readonly latencyNs: { readonly p50: number; readonly p99: number; readonly max: number };
}

/** What a headless run yields for its report. */
export interface RunResult {
  readonly virtualNs: number;
  readonly ticks: number;
  readonly lines: number;
  readonly exits: Readonly<Record<ExitKind, number>>;
  readonly queues: Readonly<Record<string, QueueCounters>>;
  readonly tx: PacketSummary;
  readonly rx: PacketSummary;
  readonly cost: PacketCost;
  readonly events: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
  /** the log, when it was asked for */
  readonly log: readonly MachineEvent[];
  /** the driver's pages at the end, and the hash of them is what two runs are compared by */
  readonly ram: Uint8Array;
  readonly runtimePages: { readonly from: number; readonly to: number };
}

export interface HeadlessOptions {
  readonly keepLog?: boolean;
  /** instrumentation: default `run`, and `debug` for a run that found something; `measure` counts the guest's accesses besides */
  readonly level?: Level;
  readonly onOutput?: (output: MachineOutput) => void;
  /** told of every event as it happens: `keepLog` keeps only the last ones of a long run */
  readonly onEvent?: (event: MachineEvent) => void;
  /** told of every frame that leaves */
  readonly onFrame?: (frame: SentFrame) => void;
}

/**
 * Runs a machine to its end, synchronously. The level makes no difference to the result, but findings get their lines only at debug
 * level: a run that has any is done again there, unless the run level was asked for; what was measured stays.
 */
export function runHeadless(setup: MachineSetup, options: HeadlessOptions = {}): RunResult {
  // edits may lie between two ticks, which only the debug level can tell apart
  const edited = (setup.resume?.edits.length ?? 0) > 0;
  const level = edited ? 'debug' : (options.level ?? 'run');
  const output: MachineOutput[] = [];
  const result = runAt(setup, level, { ...options, onOutput: (o) => output.push(o) });
  const lacksLines = level === 'measure' || (level === 'run' && options.level === undefined);
  if (lacksLines && result.findings.length > 0) {
    // the log is the same at all levels, and was told already
    const withLines = runAt(setup, 'debug', { ...options, onEvent: undefined, onFrame: undefined });
    return level === 'measure' ? { ...withLines, cost: result.cost } : withLines;
  }
  for (const o of output) options.onOutput?.(o);
  return result;
}

function runAt(setup: MachineSetup, level: Level, options: HeadlessOptions): RunResult {
  const control: Control = {
    stopped: (): Goal => {
      throw new Unwind();
    },
    say: (o) => options.onOutput?.(o),
    attend: () => false,
    atRest: () => undefined,
  };
  const pages = RAM_SIZE / 65536;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const breakpoints = new Breakpoints(() => {
    throw new Error('a headless run has no breakpoints');
  });
  const machine = new Machine(setup.program, setup, memory, control, breakpoints, {
    interactive: false,
    keepLog: options.keepLog === true || options.onEvent !== undefined,
    levels: [level],
    skbLayout: skbLayoutOf(setup.program),
    stalls,
  });
  machine.log.sink = options.onEvent;
  machine.host.tap.sink = options.onFrame;
  machine.stops.edits = setup.resume?.edits ?? [];
  machine.cpu.setLevel(level);
  try {
    machine.run();
  } catch (error) {
    machine.cpu.sync();
    machine.crashed(error);
  }
  return resultOf(machine);
}

function resultOf(machine: Machine): RunResult {
  const { statistics, clock } = machine;
  return {
    virtualNs: clock.ns,
    ticks: clock.tick,
    lines: clock.lines,
    exits: { ...statistics.exits },
    queues: Object.fromEntries(
      machine.host.device.queueViews().map(({ name }) => [name, queueCounters(machine, name)]),
    ),
    tx: { ...statistics.tx, latencyNs: statistics.txLatency.summary() },
    rx: { ...statistics.rx, latencyNs: statistics.rxLatency.summary() },
    cost: statistics.cost.summary({ tx: statistics.tx.done, rx: statistics.rx.done }, machine.cacheLines?.summary()),
    events: { ...machine.log.counts },
    findings: machine.findings.snapshot(),
    log: machine.log.slice(0, machine.log.length),
    ram: machine.cpu.ram,
    runtimePages: machine.cpu.runtimePages,
  };
}
