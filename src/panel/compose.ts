// From a stop of the machine and its RAM to what the ring panel shows. Pure: the same position gives the same message.
import { kickVerdict, queueReason, queueSentence } from '../diagnosis';
import {
  comparePositions,
  type Change,
  type Finding,
  type HostFrame,
  type HostLine,
  type QueueView,
  type StopState,
  type Thread,
} from '../machine';
import type { Program } from '../toolchain';
import {
  decodeSplit,
  notifications,
  toWire,
  VIRTIO_F_NOTIFY_ON_EMPTY,
  type Progress,
  type Verdict,
  type ReadMemory,
  type RingState,
  type SplitLayout,
} from '../virtqueue';
import { featureBits, featureNames, statusNames } from './device-words';
import type { FieldPlace, PanelFrame, PanelQueue, PanelState, PanelThread, PanelVerdict, SourceLink } from './protocol';
import { composeSkbs } from './skb-places';
import { availSlots, reclaimedOwners, usedSlots } from './slots';
import { wireRing } from './wire-ring';
import { reasonText } from './reason';

/** Stores shown at least, so that what led to those since the previous stop is in view too. */
const HISTORY = 12;

/** Where a driver keeps its private indices; guest pointers. Absent members are not in the debug information. */
export type RingOverlay = { readonly [K in 'lastUsedIdx' | 'numFree' | 'freeHead' | 'numAdded']?: FieldPlace };

export interface ComposeContext {
  /** shown in the tab and the header: the scenario's name */
  readonly title: string;
  readonly program: Program;
  /** guest RAM, pointer 0 first */
  readonly ram: Uint8Array;
  /** guest-physical = pointer + physOffset */
  readonly physOffset: bigint;
  /** Finds the driver's private ring object by the pointer to its descriptor table; undefined when nothing is known. */
  readonly overlay?: (descPointer: number, size: number) => RingOverlay | undefined;
  /** Absolute path (or URI) of a site's file, for a link; undefined when the file cannot be opened. */
  readonly sourcePath: (site: number) => string | undefined;
  /** Absolute path of a host model's source, by its name; absent where none is shipped. */
  readonly hostPath?: (file: string) => string;
  /** What was shown at the previous stop: tells what the driver has reclaimed since. */
  readonly previous?: PanelState;
}

/** Composes the panel's state. Never throws on what the driver or the device wrote: bad bytes become the ring's problems. */
export function composePanelState(stop: StopState, ctx: ComposeContext): PanelState {
  const queues = stop.queues.map((view) => composeQueue(view, stop, ctx));
  return {
    version: 1,
    title: ctx.title,
    reason: reasonText(stop.reason),
    position: stop.position,
    timeNs: stop.timeNs,
    physOffset: toWire(ctx.physOffset),
    queues,
    skbs: composeSkbs(stop.skbs, queues),
    ...changesOf(stop, ctx),
    threads: stop.threads.map((thread) => composeThread(thread, stop.threads, ctx)),
    device: {
      ...stop.device,
      statusNames: statusNames(stop.device.status),
      featureNames: featureNames(stop.device.features),
    },
    netdev: stop.netdev,
    exits: stop.exits,
    findings: stop.findings.map((finding) => withSource<Finding>(finding, ctx)),
    furthest: stop.furthest.tick,
  };
}

/**
 * Stores since the previous stop, and some changes before them. Going back undoes stores: what is shown then is what led
 * to this place.
 */
function changesOf(stop: StopState, ctx: ComposeContext): Pick<PanelState, 'changes' | 'changesSince' | 'older'> {
  const from = ctx.previous?.position;
  const later = from !== undefined && comparePositions(stop.position, from) > 0;
  if (!later) {
    const changes = stop.changes.slice(-HISTORY).map((change) => composeChange(change, ctx));
    return { changesSince: 'history', older: 0, changes };
  }
  const isFresh = (change: Change): boolean => comparePositions(change.position, from) > 0;
  const fresh = stop.changes.filter(isFresh);
  const missing = Math.max(HISTORY - fresh.length, 0);
  // of earlier stores only those that changed something tell how it came to what is there
  const older = missing === 0 ? [] : stop.changes.filter((c) => !isFresh(c) && c.before !== c.after).slice(-missing);
  return {
    changesSince: 'previous',
    older: older.length,
    changes: [...older, ...fresh].map((change) => composeChange(change, ctx)),
  };
}

function composeQueue(view: QueueView, stop: StopState, ctx: ComposeContext): PanelQueue {
  const layout = layoutOf(view);
  if (!view.ready) return notReady(view, layout);
  const overlay = findOverlay(layout, ctx);
  const progress = readProgress(view, overlay, ctx.ram);
  const read = ramReader(ctx);
  const decoded = decodeSplit(read, layout, {
    name: view.name,
    index: view.index,
    progress,
    owners: view.owners,
    heads: view.heads,
  });
  const ring = withReclaimed(decoded, previousLastUsed(view.name, ctx.previous));
  const { interrupt } = notifications(ring, {
    notifyOnEmpty: featureBits(stop.device.features).includes(VIRTIO_F_NOTIFY_ON_EMPTY),
  });
  return {
    ring: wireRing(ring),
    ready: true,
    legacy: view.legacy,
    availSlots: availSlots(ring),
    usedSlots: usedSlots(ring),
    places: overlay ?? {},
    counters: view.counters,
    notifications: {
      kick: withWriter(kickVerdict(ring), stop, view.name, ctx),
      interrupt: withWriter(interrupt, stop, view.name, ctx),
    },
    sentence: queueSentence({ ...stop, ring }),
    ...queueReason({ ...stop, ring }),
  };
}

/** With the line that wrote it: the driver's, or the host model's. */
function composeChange(change: Change, ctx: ComposeContext): PanelState['changes'][number] {
  const { host: _host, ...rest } = change;
  const source = writerOf(change, ctx);
  return { ...rest, ...(source && { source }) };
}

function writerOf({ site, host }: Change, ctx: ComposeContext): SourceLink | undefined {
  return site === undefined ? host && hostLink(host, ctx) : linkTo(site, ctx);
}

/** The field of the ring that each name stands for. */
const DECIDES: Readonly<Record<Verdict['basis']['name'], string>> = {
  NO_NOTIFY: 'used.flags',
  NO_INTERRUPT: 'avail.flags',
  avail_event: 'used.avail_event',
  used_event: 'avail.used_event',
};

/** The verdict with the last write to the field that decides it. */
function withWriter(verdict: Verdict, stop: StopState, queue: string, ctx: ComposeContext): PanelVerdict {
  const field = DECIDES[verdict.basis.name];
  const last = stop.changes.findLast((change) => change.queue === queue && change.field === field);
  if (!last) return verdict;
  const source = writerOf(last, ctx);
  const { author, timeNs, position } = last;
  return { ...verdict, written: { author, timeNs, position, ...(source && { source }) } };
}

/** A queue without memory: there is nothing to decode, and nothing is wrong with it. */
function notReady(view: QueueView, layout: SplitLayout): PanelQueue {
  const why = 'the queue is not set up';
  return {
    ring: wireRing({
      version: 1,
      name: view.name,
      index: view.index,
      layout,
      descriptors: [],
      avail: { flags: 0, idx: 0, ring: [] },
      used: { flags: 0, idx: 0, ring: [] },
      progress: {},
      outstanding: [],
      problems: [],
    }),
    ready: false,
    legacy: view.legacy,
    availSlots: [],
    usedSlots: [],
    places: {},
    counters: view.counters,
    notifications: { kick: { sent: false, why }, interrupt: { sent: false, why } },
    sentence:
      view.counters.added > 0
        ? `The driver has given the ${view.name} queue up.`
        : `The driver has not set up the ${view.name} queue yet.`,
    clauses: [],
  };
}

const layoutOf = (view: QueueView): SplitLayout => ({
  format: 'split',
  size: view.size,
  desc: BigInt(view.desc),
  avail: BigInt(view.avail),
  used: BigInt(view.used),
  eventIdx: view.eventIdx,
  ...(view.inOrder === true ? { inOrder: true } : {}),
  ...(view.kickCount === true ? { kickCount: true } : {}),
  indirect: view.indirect,
});

function ramReader({ ram, physOffset }: ComposeContext): ReadMemory {
  return (addr, length) => {
    const pointer = addr - physOffset;
    if (pointer < 0n || pointer + BigInt(length) > BigInt(ram.length)) return undefined;
    return ram.subarray(Number(pointer), Number(pointer) + length);
  };
}

function findOverlay(layout: SplitLayout, ctx: ComposeContext): RingOverlay | undefined {
  const pointer = layout.desc - ctx.physOffset;
  if (pointer < 0n || pointer >= BigInt(ctx.ram.length)) return undefined;
  return ctx.overlay?.(Number(pointer), layout.size);
}

/** Both sides' private indices: the device's as the worker says, the driver's as they stand in its memory. */
function readProgress(view: QueueView, overlay: RingOverlay | undefined, ram: Uint8Array): Progress {
  const progress: { -readonly [K in keyof Progress]: Progress[K] } = {};
  if (view.lastAvailIdx !== undefined) progress.lastAvailIdx = view.lastAvailIdx & 0xffff;
  if (view.kickedIdx !== undefined) progress.kickedIdx = view.kickedIdx;
  if (view.kickSent !== undefined) progress.kickSent = view.kickSent;
  for (const name of ['lastUsedIdx', 'numAdded', 'numFree', 'freeHead'] as const) {
    const value = overlay?.[name] && readUnsigned(ram, overlay[name]);
    if (value !== undefined) progress[name] = name === 'lastUsedIdx' || name === 'numAdded' ? value & 0xffff : value;
  }
  return progress;
}

/** Little-endian unsigned of 1 to 4 bytes; undefined outside RAM. */
function readUnsigned(ram: Uint8Array, { address, size }: FieldPlace): number | undefined {
  if (size < 1 || size > 4 || address < 0 || address + size > ram.length) return undefined;
  let value = 0;
  for (let i = size - 1; i >= 0; i--) value = value * 256 + (ram[address + i] ?? 0);
  return value;
}

const previousLastUsed = (queue: string, previous: PanelState | undefined): number | undefined =>
  previous?.queues.find((q) => q.ring.name === queue)?.ring.progress.lastUsedIdx;

function withReclaimed(ring: RingState, previous: number | undefined): RingState {
  const owners = reclaimedOwners(ring, previous);
  if (owners.size === 0) return ring;
  const descriptors = ring.descriptors.map((d) => {
    const owner = d.owner === 'used' ? owners.get(d.chain ?? d.index) : undefined;
    if (owner === undefined) return d;
    const { chain: _, ...rest } = d;
    return owner === 'free' ? { ...rest, owner } : { ...d, owner };
  });
  return { ...ring, descriptors };
}

function withSource<T extends { readonly site?: number }>(item: T, ctx: ComposeContext): T & { source?: SourceLink } {
  const source = item.site === undefined ? undefined : linkTo(item.site, ctx);
  return source ? { ...item, source } : item;
}

function linkTo(id: number, ctx: ComposeContext): SourceLink | undefined {
  const site = ctx.program.sites[id];
  if (!site) return undefined;
  const path = ctx.sourcePath(id);
  return path === undefined ? undefined : sourceLink(path, site.line);
}

/** A line of source as the page shows it. @param path absolute */
export const sourceLink = (path: string, line: number): SourceLink => ({
  label: `${path.replace(/^.*[\\/]/, '')}:${line}`,
  path,
  line,
});

function hostFrame(frame: HostFrame, ctx: ComposeContext): PanelFrame {
  const source = hostLink(frame, ctx);
  return { function: frame.function, ...(source && { source }) };
}

function hostLink({ file, line }: HostLine, { hostPath }: ComposeContext): SourceLink | undefined {
  const path = hostPath?.(file);
  return path === undefined ? undefined : sourceLink(path, line);
}

function composeThread(thread: Thread, all: readonly Thread[], ctx: ComposeContext): PanelThread {
  if (thread.kind === 'host') {
    const { frames = [], action: _action, ...host } = thread;
    return { ...host, frames: frames.map((frame) => hostFrame(frame, ctx)) };
  }
  const { frames, blockedBy, ...rest } = thread;
  const inner = frames.find((frame) => frame.kind === 'driver');
  const at = inner && ctx.program.functions[inner.func]?.name;
  const source = inner?.site === undefined ? undefined : linkTo(inner.site, ctx);
  const server = all.find((other) => other.id === blockedBy)?.name;
  return {
    ...rest,
    interrupts: frames.flatMap((frame) => (frame.kind === 'interrupt' ? [frame.label] : [])),
    ...(at !== undefined && { at }),
    ...(source && { source }),
    ...(server !== undefined && { blockedBy: server }),
  };
}
