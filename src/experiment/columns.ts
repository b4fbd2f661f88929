// Columns: those that every experiment has, its own, and the values of both in a report. Pure.
import { reportNumber, type Report } from '../scenario';
import type { Column, Experiment, Measure, ResultColumn } from './types';

type Direction = 'tx' | 'rx';

const DONE: Readonly<Record<Direction, string>> = { tx: 'packets.tx.sent', rx: 'packets.rx.delivered' };
/** Exits by kind, the accesses to the configuration left out: probing makes them, whatever the traffic. */
const EXITS = ['exits.notify', 'exits.interruptStatus', 'exits.interruptAck', 'exits.injection'];

const column = (title: string, of: readonly string[], rest: Partial<Column> = {}): Column => ({
  title,
  of,
  times: 1,
  unit: '',
  hint: '',
  ...rest,
});

/** What every experiment's table has, by id. */
export function standardColumns(packets: Experiment['packets']): Readonly<Record<string, Column>> {
  const directions: readonly Direction[] = packets === 'both' ? ['tx', 'rx'] : [packets];
  const each = (path: (direction: Direction) => string): string[] => directions.map(path);
  const per = each((d) => DONE[d]);
  const kicks = each((d) => `queues.${d}.kicks`);
  const interrupts = each((d) => `queues.${d}.interrupts.delivered`);
  const exitsHint = 'Kicks, reads of the interrupt status, acknowledgements and injections; probing is left out.';
  return {
    kicks: column('kicks', kicks, { hint: 'Notifications that the driver sent.' }),
    kicksPerPacket: column('kicks per packet', kicks, { per }),
    exits: column('exits', EXITS, { hint: exitsHint }),
    exitsPerPacket: column('exits per packet', EXITS, { per, hint: exitsHint }),
    interrupts: column('interrupts', interrupts, { hint: 'Interrupts that the vCPU took for these queues.' }),
    interruptsPerPacket: column('interrupts per packet', interrupts, { per }),
    ...Object.fromEntries(directions.flatMap((d) => Object.entries(directed(d, directions.length > 1)))),
    drops: column(
      'drops',
      each((d) => `packets.${d}.dropped`),
    ),
    cacheLines: column('cache lines per packet', ['cost.cacheLines.touchedPerPacket'], {
      hint: 'Cache lines touched; from a run of fewer packets at level measure.',
    }),
    cacheLinesFromOther: column('of them from the other side', ['cost.cacheLines.fromOtherSidePerPacket'], {
      hint: 'Cache lines that the other side wrote last; from a run of fewer packets at level measure.',
    }),
  };
}

/** Columns of one direction; with both in the table, each says which one it is. */
function directed(d: Direction, both: boolean): Record<string, Column> {
  const id = (name: string): string => (both ? `${d}${name.charAt(0).toUpperCase()}${name.slice(1)}` : name);
  const title = (name: string): string => (both ? `${d.toUpperCase()} ${name}` : name);
  const latencyHint =
    d === 'tx' ? 'From the packet’s offer until it left on the wire.' : 'From its arrival until it was delivered.';
  const latency = (which: string): Column =>
    column(title(`latency ${which}`), [`packets.${d}.latencyNs.${which}`], { unit: 'ns', hint: latencyHint });
  const lines = (which: string): Column =>
    column(title(`lines per packet ${which}`), [`cost.linesPerPacket.${d}.${which}`], {
      hint: 'Source lines that the guest ran for a packet.',
    });
  return {
    [id('latencyP50')]: latency('p50'),
    [id('latencyP99')]: latency('p99'),
    [id('latencyMax')]: latency('max'),
    [id('packetsPerSecond')]: column(title('packets per virtual second'), [DONE[d]], {
      per: [`packets.${d}.spanNs`],
      times: 1e9,
      unit: '/s',
      hint: 'From the first packet’s offer to the last one done.',
    }),
    [id('linesP50')]: lines('p50'),
    [id('linesP99')]: lines('p99'),
    [id('linesMax')]: lines('max'),
  };
}

/** All columns of an experiment's table: its own first. */
export function columnsOf(experiment: Experiment): readonly (ResultColumn & { readonly column: Column })[] {
  const told =
    (standard: boolean) =>
    ([id, own]: readonly [string, Column]) => ({
      id,
      title: own.title,
      unit: own.unit,
      hint: own.hint,
      standard,
      column: own,
    });
  return [
    ...Object.entries(experiment.columns).map(told(false)),
    ...Object.entries(standardColumns(experiment.packets)).map(told(true)),
  ];
}

/** A measure as a column: a path stands for its value. */
export function columnOf(experiment: Experiment, measure: Measure): Column {
  const { columns, packets } = experiment;
  const standard = standardColumns(packets);
  if (Object.hasOwn(columns, measure)) return columns[measure] ?? column(measure, [measure]);
  if (Object.hasOwn(standard, measure)) return standard[measure] ?? column(measure, [measure]);
  return column(measure, [measure]);
}

/** A run's report, and that of a shorter run in which every memory access was looked at, where there was one. */
export interface Reports {
  readonly run: Report;
  readonly measured?: Report;
}

const MEASURED = /^cost\.(cacheLines\.|divisionsPerPacket$|unaligned\.guestPerPacket$)/;

/** A column's value; null where a path has none, or there is nothing to divide by. */
export function valueOf({ of, per, times }: Column, { run, measured }: Reports): number | null {
  const sum = (paths: readonly string[]): number | null =>
    paths.reduce<number | null>((total, path) => {
      const report = MEASURED.test(path) ? measured : run;
      const value = report === undefined ? undefined : reportNumber(report, path);
      return total === null || value === undefined ? null : total + value;
    }, 0);
  const above = sum(of);
  const below = per === undefined ? 1 : sum(per);
  return above === null || below === null || below === 0 ? null : (above / below) * times;
}

/** Whether a value comes from a measured run. */
export const isMeasured = ({ of, per = [] }: Column): boolean => [...of, ...per].some((path) => MEASURED.test(path));
