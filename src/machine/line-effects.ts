// Which lines of C led to kicks, other VM exits and interrupts. Kept for whoever looks at a run; no part of what it comes to.
import type { Clock } from './clock';
import { doubled } from './doubled';
import type { EffectList, LineEffect, LineEffects } from './types';

const EFFECTS: readonly LineEffect[] = [
  'notify',
  'kickSuppressed',
  'interruptStatus',
  'interruptAck',
  'config',
  'interrupt',
];

/** What is kept of a run; later ones are not told by line. */
const LIMIT = 1 << 20;
const NOWHERE = -1;

/** Where the vCPU was: the line itself, and the innermost line that is the driver's own. */
export interface EffectPlace {
  readonly line: number | undefined;
  readonly own: number | undefined;
}

/**
 * The effects in their order. Going back is forgetting how many there were, not where: a replay at run level knows no
 * lines, and comes by the same ones.
 */
export class LineEffectLog {
  private kinds = new Uint8Array(256);
  /** two a place: the line, and the driver's own */
  private sites = new Int32Array(512);
  private ticks = new Float64Array(256);
  private count = 0;
  /** the first that is not known yet: beyond it the arrays hold nothing, or what will not happen again */
  private known = 0;

  constructor(
    private readonly on: boolean,
    private readonly clock: Pick<Clock, 'tick'>,
    private readonly place: () => EffectPlace | undefined,
  ) {}

  /** The vCPU's line does this. */
  note(effect: LineEffect): void {
    if (!this.on || this.count >= LIMIT) return;
    const at = this.count++;
    const place = this.place();
    if (at < this.known && place === undefined) return;
    this.grow(at);
    this.ticks[at] = this.clock.tick;
    this.kinds[at] = EFFECTS.indexOf(effect);
    this.sites[2 * at] = place?.line ?? NOWHERE;
    this.sites[2 * at + 1] = place?.own ?? NOWHERE;
    this.known = Math.max(this.known, at + 1);
  }

  /** The effects so far, by site. */
  get effects(): LineEffects {
    const bySite = new Map<number, Partial<Record<LineEffect, number>>>();
    for (let i = 0; i < this.count; i++) {
      const line = this.sites[2 * i] ?? NOWHERE;
      const own = this.sites[2 * i + 1] ?? NOWHERE;
      this.tally(bySite, line, i);
      if (own !== line) this.tally(bySite, own, i);
    }
    return [...bySite].map(([site, counts]) => ({ site, counts }));
  }

  /** The effects in their order, with their ticks: the recorded future included. */
  get list(): EffectList {
    return Array.from({ length: Math.max(this.count, this.known) }, (_, i) => ({
      effect: this.effectAt(i),
      tick: this.ticks[i] ?? 0,
    }));
  }

  snapshot(): number {
    return this.count;
  }

  restore(count: number): void {
    this.count = count;
  }

  /** What was recorded after this place will not happen. */
  cut(): void {
    this.known = this.count;
  }

  private tally(bySite: Map<number, Partial<Record<LineEffect, number>>>, site: number, at: number): void {
    if (site === NOWHERE) return;
    const effect = this.effectAt(at);
    const counts = bySite.get(site) ?? {};
    counts[effect] = (counts[effect] ?? 0) + 1;
    bySite.set(site, counts);
  }

  private effectAt(at: number): LineEffect {
    return EFFECTS[this.kinds[at] ?? 0] ?? 'notify';
  }

  private grow(at: number): void {
    if (at < this.kinds.length) return;
    this.kinds = doubled(this.kinds);
    this.sites = doubled(this.sites);
    this.ticks = doubled(this.ticks);
  }
}
