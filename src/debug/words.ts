// Words for the user: virtual time, events, host threads and stops.
import { eventWord, type MachineEvent, type StopReason, type Thread } from '../machine';

/** Virtual time as printk stamps it: `[   12.345678]`. */
export function stamp(timeNs: number): string {
  const micros = Math.floor(timeNs / 1000);
  const seconds = Math.floor(micros / 1_000_000);
  return `[${String(seconds).padStart(5)}.${String(micros % 1_000_000).padStart(6, '0')}]`;
}

/** A length of virtual time in the unit that reads best: `150 µs`, `98.2 µs`, `840 ns`, `1.5 s`. */
export function duration(ns: number): string {
  const units: readonly [number, string][] = [
    [1e9, 's'],
    [1e6, 'ms'],
    [1e3, 'µs'],
  ];
  const [scale, unit] = units.find(([s]) => Math.abs(ns) >= s) ?? [1, 'ns'];
  return `${Number((ns / scale).toPrecision(4))} ${unit}`;
}

/** An event as a stop's headline: `kick on tx`. */
export function eventTitle(event: MachineEvent): string {
  const queue = event.queue === undefined ? '' : ` on ${event.queue}`;
  if (event.what === 'finding' && typeof event.detail.kind === 'string') return `finding: ${event.detail.kind}${queue}`;
  return `${eventWord(event.what)}${queue}`;
}

/** The rest of an event: who did it, and its fields. */
export function eventDetail(event: MachineEvent): string {
  const fields = Object.entries(event.detail).map(([name, value]) => `${name} = ${value}`);
  return [`by ${event.who}`, ...fields].join(', ');
}

/** What a host thread does or waits for, in the host model's own words, and since when. */
export function hostText(thread: Extract<Thread, { kind: 'host' }>, nowNs: number): string {
  const since = `${duration(nowNs - thread.sinceNs)}, since ${stamp(thread.sinceNs)}`;
  switch (thread.status) {
    case 'rest':
      return `waiting: ${thread.waitsFor} (${since})`;
    case 'sleeping': {
      const until =
        thread.wakeNs === undefined ? since : `${duration(thread.wakeNs - nowNs)} left, until ${stamp(thread.wakeNs)}`;
      return `sleeping: ${thread.waitsFor} (${until})`;
    }
    case 'ready':
    case 'running':
      return thread.next === undefined ? `woken: ${thread.waitsFor}` : `next: ${thread.next}`;
    case 'dead':
      return `dead (${since})`;
  }
}

/**
 * One line on why the machine stopped.
 * @param label what a data breakpoint watches
 * @param functions it was a breakpoint on a function
 * @param sought what a search for a write was for
 */
export function stopText(
  reason: StopReason,
  label: (id: number) => string | undefined,
  functions: boolean,
  sought = 'data',
): string {
  switch (reason.kind) {
    case 'entry':
      return 'Stopped where the scenario says';
    case 'step':
      return 'Stepped';
    case 'pause':
      return 'Paused';
    case 'goto':
      return 'Moved to this position';
    case 'breakpoint':
      return functions ? 'Paused on function breakpoint' : 'Paused on breakpoint';
    case 'data': {
      const names = reason.ids.map(label).filter((l) => l !== undefined);
      const what = names.length > 0 ? names.join(', ') : sought;
      return `${what} ${bytesText(reason.before)} → ${bytesText(reason.after)} by ${reason.author}`;
    }
    case 'event':
      return `Paused on ${eventTitle(reason.event)}`;
    case 'start':
      return 'At power-on: nothing lies before';
    case 'end':
      return reason.how === 'trap' ? 'Paused on a trap' : 'The run is over';
  }
}

/** Small numbers read best in decimal: indices, lengths, flags. Larger ones are addresses or masks. */
const DECIMAL_BELOW = 65536n;

/**
 * Bytes as a value: up to eight as a little-endian number, more as they are.
 * @param bytes hex, in the order of memory
 */
export function bytesText(bytes: string): string {
  if (bytes.length === 0 || bytes.length > 16) return bytes;
  const value = BigInt(`0x${(bytes.match(/../g) ?? []).reverse().join('')}`);
  return value < DECIMAL_BELOW ? value.toString() : `0x${value.toString(16)}`;
}
