// The keys of the timeline. Pure.
import type { FromPanel } from '../../src/panel/protocol';
import { endOf, type Timeline, type TimelineAction } from './state';

/** Of a KeyboardEvent. */
export interface Key {
  readonly key: string;
  readonly shiftKey?: boolean;
  readonly ctrlKey?: boolean;
  readonly metaKey?: boolean;
  readonly altKey?: boolean;
}

/** of a zoom by one key press */
const ZOOM = 1.5;

/** What a key on the plot does: changes the window, or moves the machine. */
export function keyTo(event: Key, t: Timeline): TimelineAction | FromPanel | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
  const at = t.scrub?.ns ?? t.atNs;
  const step = (t.toNs - t.fromNs) / 50;
  const to = (ns: number): FromPanel => ({ type: 'goToTime', ns: Math.max(0, Math.min(endOf(t), ns)) });
  const back = event.shiftKey;
  switch (event.key) {
    case 'ArrowLeft':
      return back ? { do: 'pan', share: -0.1 } : to(at - step);
    case 'ArrowRight':
      return back ? { do: 'pan', share: 0.1 } : to(at + step);
    case 'PageUp':
      return { do: 'pan', share: -0.8 };
    case 'PageDown':
      return { do: 'pan', share: 0.8 };
    case 'Home':
      return to(0);
    case 'End':
      return to(endOf(t));
    case '+':
    case '=':
      return { do: 'zoom', aroundNs: at, factor: 1 / ZOOM };
    case '-':
    case '_':
      return { do: 'zoom', aroundNs: at, factor: ZOOM };
    case 'f':
      return { do: 'fit' };
    case 'k':
    case 'K':
      return { type: 'goToMark', what: ['kick', 'kickSuppressed'], forward: !back };
    case 'i':
    case 'I':
      return { type: 'goToMark', what: ['interrupt', 'interruptSuppressed'], forward: !back };
    default:
      return undefined;
  }
}
