// Draws the timeline into its place on the page, apart from the rest: a pointer that moves over it redraws nothing else.
import { render } from 'lit';
import type { FromPanel } from '../../src/panel/protocol';
import type { Model } from '../state';
import type { View } from '../view/view';
import { gestures } from './gestures';
import { fade, paint, prepare } from './paint';
import { readPalette, type Palette } from './palette';
import { future, overviewShapes, sceneOf, targetAt, type Scene } from './scene';
import { dueQuestions, type TimelineAction } from './state';
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
      scene = sceneOf(timeline, findings, width);
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
      const overview = root.querySelector<HTMLCanvasElement>('.tl-overview');
      if (!canvas || !overview || width === 0) return;
      const ink = prepare(canvas, width, scene.height);
      if (!ink) return;
      palette ??= readPalette(root, ink);
      paint(ink, scene.shapes, palette);
      const ahead = future(timeline, width);
      fade(ink, ahead.x, ahead.width, scene.height, palette);
      paint(ink, scene.over, palette);
      const strip = prepare(overview, width, OVERVIEW);
      if (strip) paint(strip, overviewShapes(timeline, width, OVERVIEW), palette);
    },
  };
}
