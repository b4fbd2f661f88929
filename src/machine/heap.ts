// What the heap's calls tell: where each live object was allocated, and where the last freed ones were freed.
import type { Finding, Position } from './types';

interface Call {
  readonly position: Position;
  /** -1 where the level does not know it */
  readonly site: number;
}

/** Freed objects that are remembered: as many as the allocator's quarantine can hold, and some more. */
const FREED = 2048;

export interface HeapState {
  readonly live: readonly (readonly [number, Call])[];
  readonly freed: readonly (readonly [number, Call])[];
}

/** Kept only where somebody may ask: at debug level, and in a run that is looked at. */
export class Heap {
  private readonly live = new Map<number, Call>();
  private readonly freed = new Map<number, Call>();

  allocated(pointer: number, tick: number, site: number | undefined): void {
    this.live.set(pointer, { position: { tick, sub: 0 }, site: site ?? -1 });
    this.freed.delete(pointer);
  }

  released(pointer: number, tick: number, site: number | undefined): void {
    this.live.delete(pointer);
    this.freed.delete(pointer);
    this.freed.set(pointer, { position: { tick, sub: 0 }, site: site ?? -1 });
    if (this.freed.size <= FREED) return;
    const oldest = this.freed.keys().next();
    if (oldest.done !== true) this.freed.delete(oldest.value);
  }

  /** The places that belong to a finding about an object: where it came from, and where it went. */
  related(pointer: number): NonNullable<Finding['related']> {
    const places: [string, Call | undefined][] = [
      ['allocated', this.live.get(pointer)],
      ['freed', this.freed.get(pointer)],
    ];
    return places.flatMap(([text, call]) =>
      call === undefined ? [] : [{ text, position: call.position, ...(call.site < 0 ? {} : { site: call.site }) }],
    );
  }

  snapshot(): HeapState {
    return { live: [...this.live], freed: [...this.freed] };
  }

  restore(state: HeapState): void {
    this.live.clear();
    this.freed.clear();
    for (const [pointer, call] of state.live) this.live.set(pointer, call);
    for (const [pointer, call] of state.freed) this.freed.set(pointer, call);
  }
}
