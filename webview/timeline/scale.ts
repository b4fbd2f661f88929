// Time on a horizontal axis: pixels and back, and round times to write on it.

export interface Scale {
  readonly fromNs: number;
  readonly toNs: number;
  /** px */
  readonly width: number;
}

export const xOf = ({ fromNs, toNs, width }: Scale, ns: number): number => ((ns - fromNs) / (toNs - fromNs)) * width;

export const nsAt = ({ fromNs, toNs, width }: Scale, x: number): number => fromNs + (x / width) * (toNs - fromNs);

export interface Tick {
  readonly x: number;
  readonly label: string;
}

/** px between two labels, about */
const APART = 72;

const UNITS = [
  { ns: 1e9, name: 's' },
  { ns: 1e6, name: 'ms' },
  { ns: 1e3, name: 'µs' },
  { ns: 1, name: 'ns' },
] as const;

/** Round times in the window, and the unit that their labels have in common. */
export function ticks(scale: Scale): { readonly unit: string; readonly ticks: readonly Tick[] } {
  const span = scale.toNs - scale.fromNs;
  const raw = (span * APART) / Math.max(APART, scale.width);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = Math.max(1, power * ([1, 2, 5, 10].find((n) => n * power >= raw) ?? 10));
  // whole numbers of a unit, but for ns late in a run: nobody reads seven digits
  const whole = UNITS.find(({ ns }) => step >= ns) ?? UNITS[3];
  const unit = whole.ns === 1 && scale.toNs > 10_000 ? UNITS[2] : whole;
  const digits = Math.max(0, Math.ceil(-Math.log10(step / unit.ns)));
  const list: Tick[] = [];
  for (let n = Math.ceil(scale.fromNs / step); n * step < scale.toNs; n++)
    list.push({ x: xOf(scale, n * step), label: ((n * step) / unit.ns).toFixed(digits) });
  return { unit: unit.name, ticks: list };
}
