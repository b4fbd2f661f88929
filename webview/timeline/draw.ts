// Draws the timeline into its place on the page, apart from the rest: a pointer that moves over it redraws nothing else.
import { render } from 'lit';
import type { FromPanel } from '../../src/panel/protocol';
import type { Model } from '../state';
import type { View } from '../view/view';
import { gestures } from './gestures';
import { fade, paint, prepare } from './paint';
import { readPalette, type Palette } from './palette';
import { Layer, Remembered } from './layer';
import {
  future,
  overviewShapes,
  overviewWindow,
  recordOf,
  targetAt,
  withPlaces,
  type Recording,
  type Scene,
} from './scene';
import type { Shape } from './shapes';
import { dueQuestions, endOf, type TimelineAction } from './state';
import { OVERVIEW, timelineSection } from './view';

export interface Drawing {
  /** Draws the model's timeline, and asks for what is missing. */
  draw(model: Model, view: View): void;
}

export function timelineDrawing(port: {
  readonly model: () => Model;
  readonly act: (action: TimelineAction) => void;
  readonly send: (message: FromPanel) => void;
  /** the plot's width, or the theme, has changed */
  readonly redraw: () => void;
}): Drawing {
  const { act, send } = port;
  const recorded = new Remembered<Recording>();
  const plotLayer = new Layer();
  const stripLayer = new Layer();
  let scene: Scene | undefined;
  let palette: Palette | undefined;
  let width = 0;
  const handlers = gestures({ timeline: () => port.model().timeline, targets: () => scene?.targets ?? [], act, send });
  const sized = new ResizeObserver(([entry]) => {
    const now = Math.floor(entry?.contentRect.width ?? 0);
    if (now === width) return;
    width = now;
    port.redraw();
  });
  const themed = new MutationObserver(() => {
    palette = undefined;
    port.redraw();
  });
  themed.observe(document.documentElement, { attributes: true, attributeFilter: ['style', 'class'] });
  themed.observe(document.body, { attributes: true, attributeFilter: ['class'] });
  let plot: Element | null = null;

  return {
    draw(model, view) {
      const root = document.getElementById('timeline');
      if (!root) return;
      const { timeline } = model;
      const findings = view.panel.findings.map(({ id, text, timeNs, position }) => ({
        timeNs,
        text: `${id}: ${text}`,
        tick: position.tick,
      }));
      const { view: window, overview, fromNs, toNs } = timeline;
      const record = recorded.of([window, overview, fromNs, toNs, width], () => recordOf(timeline, width));
      scene = withPlaces(record, timeline, findings);
      const { pointer } = timeline;
      const pointed = pointer && targetAt(scene.targets, pointer.x, pointer.y);
      render(timelineSection(timeline, scene, pointed, { act, send, gestures: handlers, view }), root);
      const found = root.querySelector('.tl-plot');
      if (found !== plot) {
        if (plot) sized.unobserve(plot);
        plot = found;
        if (plot) sized.observe(plot);
      }
      for (const { key, message } of dueQuestions(timeline, width)) {
        act({ do: 'asked', name: message.name, key });
        send(message);
      }
      if (pointed?.seq !== undefined && timeline.wanted !== pointed.seq && !timeline.events.has(pointed.seq)) {
        act({ do: 'wanted', seq: pointed.seq });
        send({ type: 'events', from: pointed.seq, to: pointed.seq + 1 });
      }
      const canvas = root.querySelector<HTMLCanvasElement>('.tl-canvas');
      const strip = root.querySelector<HTMLCanvasElement>('.tl-overview');
      const ink = canvas && width > 0 ? prepare(canvas, width, scene.height) : undefined;
      const stripInk = strip && width > 0 ? prepare(strip, width, OVERVIEW) : undefined;
      if (!ink || !stripInk) return;
      palette ??= readPalette(root, ink);
      const colours = palette;
      plotLayer.show(ink, [record, colours], width, scene.height, () => [record.shapes, colours]);
      const ahead = future(timeline, width);
      fade(ink, ahead.x, ahead.width, scene.height, colours);
      paint(ink, scene.over, colours);
      const end = Math.max(1, endOf(timeline));
      const shapes = (): [readonly Shape[], Palette] => [overviewShapes(timeline, end, width, OVERVIEW), colours];
      stripLayer.show(stripInk, [overview, end, width, colours], width, OVERVIEW, shapes);
      paint(stripInk, overviewWindow(timeline, end, width, OVERVIEW), colours);
    },
  };
}
