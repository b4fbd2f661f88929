// Draws the timeline into its place on the page, apart from the rest: a pointer that moves over it redraws nothing else.
import { render } from 'lit';
import type { FromPanel } from '../../src/panel/protocol';
import type { Model } from '../state';
import type { View } from '../view/view';
import { gestures } from './gestures';
import { Layer, Remembered } from './layer';
import { overviewShapes, recordOf, targetAt, withPlaces, type Findings, type Recording, type Scene } from './scene';
import { dueQuestions, endOf, type TimelineAction } from './state';
import { Surface } from './surface';
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
  const placed = new Remembered<Scene>();
  const found = new Remembered<readonly Findings[]>();
  const recordLayer = new Layer();
  const placesLayer = new Layer();
  const stripLayer = new Layer();
  let scene: Scene | undefined;
  const surface = new Surface(port.redraw);
  const handlers = gestures({ timeline: () => port.model().timeline, targets: () => scene?.targets ?? [], act, send });

  return {
    draw(model, view) {
      const root = document.getElementById('timeline');
      if (!root) return;
      const { timeline } = model;
      const { width } = surface;
      const { view: window, overview, fromNs, toNs, stops } = timeline;
      const findings = found.of([findingsKey(view)], () => findingsOf(view));
      const record = recorded.of([window, overview, fromNs, toNs, width], () => recordOf(timeline, width));
      const end = endOf(timeline);
      scene = placed.of([record, stops, findings, end], () => withPlaces(record, timeline, findings));
      const { pointer } = timeline;
      const pointed = pointer && targetAt(scene.targets, pointer.x, pointer.y);
      render(timelineSection(timeline, scene, pointed, { act, send, gestures: handlers, view, width }), root);
      surface.follow(root.querySelector('.tl-plot'));
      for (const { key, message } of dueQuestions(timeline, width)) {
        act({ do: 'asked', name: message.name, key });
        send(message);
      }
      if (pointed?.seq !== undefined && timeline.wanted !== pointed.seq && !timeline.events.has(pointed.seq)) {
        act({ do: 'wanted', seq: pointed.seq });
        send({ type: 'events', from: pointed.seq, to: pointed.seq + 1 });
      }
      const canvas = (name: string): HTMLCanvasElement | null => root.querySelector(name);
      const [of, places, strip] = [canvas('.tl-record'), canvas('.tl-places'), canvas('.tl-strip')];
      if (!of || !places || !strip || width === 0) return;
      const { height } = scene;
      const palette = surface.colours(root);
      recordLayer.show(of, [record], width, height, () => record.shapes, palette);
      const above = scene.places;
      placesLayer.show(places, [above], width, height, () => above, palette);
      const whole = Math.max(1, end);
      const run = (): ReturnType<typeof overviewShapes> => overviewShapes(timeline, whole, width, OVERVIEW);
      stripLayer.show(strip, [overview, whole], width, OVERVIEW, run, palette);
    },
  };
}

/** Each state brings its findings anew: the same ones are the same text. */
const findingsKey = ({ panel }: View): string => panel.findings.map(({ id, timeNs }) => `${id} ${timeNs}`).join();

const findingsOf = ({ panel }: View): readonly Findings[] =>
  panel.findings.map(({ id, text, timeNs, position }) => ({ timeNs, text: `${id}: ${text}`, tick: position.tick }));
