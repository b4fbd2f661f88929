// Entry of an experiment's page: messages in, drawing, messages out. What it showed last comes back after a reload.
import { render } from 'lit';
import { checkToExperiment, checkView, type FromExperiment } from '../../src/views/experiment/protocol';
import './experiment.css';
import { page } from './page';
import { update, type Action, type Model } from './state';

interface VsCodeApi {
  postMessage(message: FromExperiment): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

const api = acquireVsCodeApi();
let model: Model = { view: checkView((api.getState() as { readonly view?: unknown } | undefined)?.view) };
let frame: number | undefined;

function act(action: Action): void {
  model = update(model, action);
  frame ??= requestAnimationFrame(draw);
}

function draw(): void {
  frame = undefined;
  render(page(model, { act, send: (message) => api.postMessage(message) }), document.body);
  if (model.view !== undefined) api.setState({ view: model.view });
}

window.addEventListener('message', (event: MessageEvent<unknown>) => {
  const checked = checkToExperiment(event.data);
  if (checked.ok) act({ do: 'message', message: checked.message });
  else act({ do: 'badMessage', error: `The extension sent what this page does not understand: ${checked.error}` });
});

draw();
api.postMessage({ type: 'ready' });
