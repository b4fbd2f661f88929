// Pointer and wheel on the timeline: what each of them means.
import type { FromPanel } from '../../src/panel/protocol';
import { nsAt } from './scale';
import { targetAt } from './scene';
import type { Target } from './shapes';
import { endOf, type Timeline, type TimelineAction } from './state';

export interface Gestures {
  readonly wheel: (event: WheelEvent) => void;
  readonly down: (event: PointerEvent) => void;
  readonly move: (event: PointerEvent) => void;
  readonly up: (event: PointerEvent) => void;
  readonly leave: () => void;
  readonly overviewDown: (event: PointerEvent) => void;
  readonly overviewMove: (event: PointerEvent) => void;
  readonly overviewUp: (event: PointerEvent) => void;
}

export interface Port {
  readonly timeline: () => Timeline;
  readonly targets: () => readonly Target[];
  readonly act: (action: TimelineAction) => void;
  readonly send: (message: FromPanel) => void;
}

/** px that a click may move */
const STILL = 3;
/** ms: a wheel that was turning the page goes on turning it over the timeline */
const SAME_TURN = 350;

export function gestures({ timeline, targets, act, send }: Port): Gestures {
  let pressed: { readonly x: number; moved: boolean } | undefined;
  let dragged: { readonly x: number; readonly fromNs: number; readonly perPx: number } | undefined;
  let pageTurned = -Infinity;
  window.addEventListener(
    'wheel',
    (event) => {
      if (!(event.target instanceof Element && event.target.closest('.tl-plot'))) pageTurned = event.timeStamp;
    },
    { passive: true, capture: true },
  );
  const place = (event: MouseEvent): { x: number; y: number; ns: number } => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const { fromNs, toNs } = timeline();
    const x = event.clientX - box.left;
    return { x, y: event.clientY - box.top, ns: nsAt({ fromNs, toNs, width: box.width }, x) };
  };
  const goTo = (ns: number, dragging: boolean): void => {
    act({ do: 'scrub', ns, dragging });
    const to = timeline().scrub?.ns ?? ns;
    send({ type: 'goToTime', ns: to });
  };
  return {
    wheel(event) {
      if (event.timeStamp - pageTurned < SAME_TURN) {
        pageTurned = event.timeStamp;
        return;
      }
      event.preventDefault();
      // a mouse tells Shift and a wheel as sideways by itself on some systems
      const sideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
      const turn = (event.deltaX + event.deltaY) * (event.deltaMode === 1 ? 16 : 1);
      if (sideways) act({ do: 'pan', share: turn / 800 });
      else act({ do: 'zoom', aroundNs: place(event).ns, factor: 1.0018 ** turn });
    },
    down(event) {
      if (event.button !== 0) return;
      (event.currentTarget as Element).setPointerCapture(event.pointerId);
      pressed = { x: event.clientX, moved: false };
    },
    move(event) {
      const at = place(event);
      act({ do: 'point', at });
      if (pressed === undefined) return;
      if (Math.abs(event.clientX - pressed.x) > STILL) pressed.moved = true;
      if (pressed.moved) goTo(at.ns, true);
    },
    up(event) {
      if (pressed === undefined) return;
      const { moved } = pressed;
      pressed = undefined;
      const at = place(event);
      const target = moved ? undefined : targetAt(targets(), at.x, at.y);
      if (target?.tick !== undefined) send({ type: 'goTo', tick: target.tick, sub: 0 });
      else goTo(at.ns, false);
    },
    leave() {
      act({ do: 'point', at: undefined });
    },
    overviewDown(event) {
      if (event.button !== 0) return;
      const canvas = event.currentTarget as Element;
      canvas.setPointerCapture(event.pointerId);
      const box = canvas.getBoundingClientRect();
      const { fromNs, toNs } = timeline();
      const perPx = endOf(timeline()) / box.width;
      const ns = (event.clientX - box.left) * perPx;
      const inside = ns >= fromNs && ns <= toNs;
      const from = inside ? fromNs : ns - (toNs - fromNs) / 2;
      dragged = { x: event.clientX, fromNs: from, perPx };
      if (!inside) act({ do: 'window', fromNs: from, toNs: from + toNs - fromNs });
    },
    overviewMove(event) {
      if (dragged === undefined) return;
      const { fromNs, toNs } = timeline();
      const from = dragged.fromNs + (event.clientX - dragged.x) * dragged.perPx;
      act({ do: 'window', fromNs: from, toNs: from + toNs - fromNs });
    },
    overviewUp() {
      dragged = undefined;
    },
  };
}
