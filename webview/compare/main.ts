// Entry of the compare tab's page: messages in, drawing, messages out. What it showed last comes back after a reload.
import { render } from 'lit';
import { checkKept, checkToCompare, type FromCompare } from '../../src/views/compare/protocol';
import './compare.css';
import { page } from './page';
import { Surface } from '../timeline/surface';
import { paintPlots, plotsOf, pointedAt } from './plots';
import type { Drawn } from './packet';
import { dueLook, keptOf, modelOf, update, type Action, type Model } from './state';

interface VsCodeApi {
  postMessage(message: FromCompare): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

const api = acquireVsCodeApi();
let model: Model = modelOf(checkKept(api.getState()));
let drawn: Drawn = { plots: {}, pointed: undefined };
let frame: number | undefined;
const surface = new Surface(redraw);

const send = (message: FromCompare): void => api.postMessage(message);

function redraw(): void {
  frame ??= requestAnimationFrame(draw);
}

function act(action: Action): void {
  model = update(model, action);
  if (action.do === 'message') api.setState(keptOf(model));
  redraw();
}

function draw(): void {
  frame = undefined;
  const plots = plotsOf(model, surface.width);
  drawn = { plots, pointed: pointedAt(plots, model) };
  render(page(model, { act, send, drawn: () => drawn }), document.body);
  paintPlots(surface, plots);
  const look = dueLook(model);
  const { packet } = model;
  if (look === undefined || packet === undefined) return;
  // nothing of this is drawn
  model = update(model, { do: 'asked', window: look });
  send({ type: 'look', row: packet.row, ...look });
}

window.addEventListener('message', (event: MessageEvent<unknown>) => {
  const checked = checkToCompare(event.data);
  if (checked.ok) act({ do: 'message', message: checked.message });
  else act({ do: 'badMessage', error: `The extension sent what this page does not understand: ${checked.error}` });
});

draw();
api.postMessage({ type: 'ready', ...(model.packet && { row: model.packet.row }) });
