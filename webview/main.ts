// Entry of the ring panel's page: messages in, drawing, messages out. One frame draws the latest model and no older one.
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDropdown,
  vsCodeOption,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';
import { render } from 'lit';
import { checkToPanel, type FromPanel } from '../src/panel/protocol';
import './panel.css';
import { dueMemory } from './memory/state';
import {
  type Action,
  currentQueue,
  initialModel,
  type Model,
  questions,
  restore,
  ROW_HEIGHT,
  save,
  type Saved,
  update,
  VIEW_ROWS,
} from './state';
import { timelineDrawing } from './timeline/draw';
import { restoreTimeline, saveTimeline } from './timeline/saved';
import { page } from './view/page';
import type { View } from './view/view';

interface VsCodeApi {
  postMessage(message: FromPanel): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

provideVSCodeDesignSystem().register(
  vsCodeButton(),
  vsCodeCheckbox(),
  vsCodeDropdown(),
  vsCodeOption(),
  vsCodeTextField(),
);

const api = acquireVsCodeApi();
const hasOwnChoices = typeof api.getState() === 'object' && api.getState() !== null;
let remembered: string | undefined;
let model: Model = {
  ...initialModel,
  ui: restore(api.getState()),
  timeline: { ...initialModel.timeline, saved: restoreTimeline(savedTimeline(api.getState())) },
};
/** what the page will find of itself when it comes back, once a burst of stops is over */
let saving: ReturnType<typeof setTimeout> | undefined;
const SAVE_MS = 300;
let frame: number | undefined;
let menuFocusReturn: HTMLElement | null = null;
/** the model that the page shows, but for its timeline, which is drawn by itself */
let shown: Model | undefined;

/** while the machine runs on: the timeline is looked at every now and then */
let looking: ReturnType<typeof setInterval> | undefined;
const LOOK_MS = 300;

const send = (message: FromPanel): void => api.postMessage(message);
const latest = (): Model['ui'] => model.ui;
const timeline = timelineDrawing({
  model: () => model,
  act: (action) => act({ do: 'timeline', action }),
  send,
  redraw: () => {
    frame ??= requestAnimationFrame(draw);
  },
});

function act(action: Action): void {
  const before = model;
  model = update(model, action);
  if (model === before) return;
  if (model.running !== before.running) lookWhileRunning(model.running);
  // a question that was asked changes nothing on the screen
  if (action.do === 'timeline' && (action.action.do === 'asked' || action.action.do === 'wanted')) return;
  for (const question of questions(before, model)) api.postMessage(question);
  if (action.do === 'menu' && action.menu) menuFocusReturn = document.activeElement as HTMLElement | null;
  frame ??= requestAnimationFrame(draw);
}

function lookWhileRunning(running: boolean): void {
  clearInterval(looking);
  looking = running ? setInterval(() => act({ do: 'timeline', action: { do: 'look' } }), LOOK_MS) : undefined;
}

function draw(): void {
  frame = undefined;
  const drawn = model;
  if (!shown || !sameButTimeline(shown, drawn)) drawPage(drawn);
  askForMemory();
  shown = model;
  saveSoon();
  const { panel, ui } = model;
  const view: View | undefined = panel && { panel, ui, latest, act, send };
  if (view) timeline.draw(model, view);
}

function sameButTimeline(a: Model, b: Model): boolean {
  const parts = ['panel', 'ui', 'running', 'error', 'empty', 'again', 'memory', 'bytes'] as const;
  return parts.every((part) => a[part] === b[part]);
}

/** The bytes in view, when the memory view is open and does not have them. */
function askForMemory(): void {
  const { panel, ui, memory } = model;
  const first = Math.floor((ui.scroll.memory ?? 0) / ROW_HEIGHT);
  const due = panel && dueMemory(memory, panel, currentQueue(panel, ui), first, VIEW_ROWS.memory);
  if (!due) return;
  model = update(model, { do: 'memory', action: { do: 'asked', key: due.key } });
  send(due.message);
}

function drawPage(drawn: Model): void {
  const hadMenu = document.querySelector('.menu') !== null;
  const size = { width: document.documentElement.clientWidth, height: document.documentElement.clientHeight };
  render(page(drawn, { act, send, latest, size }), document.body);
  for (const grid of drawn.ui.scrollTo) {
    const element = document.getElementById(`grid-${grid}`);
    if (element) element.scrollTop = drawn.ui.scroll[grid] ?? 0;
  }
  if (model.ui.scrollTo.length > 0) model = { ...model, ui: { ...model.ui, scrollTo: [] } };
  moveFocus(hadMenu);
  remember(save(drawn.ui));
}

/** This page finds its choices here when it comes back; another one gets them from the extension. */
function remember(choices: Saved): void {
  const json = JSON.stringify(choices);
  if (json === remembered) return;
  // what a page opens with is no choice that anybody made
  if (remembered !== undefined) api.postMessage({ type: 'choices', choices });
  remembered = json;
  saveNow();
}

function savedTimeline(state: unknown): unknown {
  return typeof state === 'object' && state !== null && 'timeline' in state ? state.timeline : undefined;
}

function saveSoon(): void {
  saving ??= setTimeout(saveNow, SAVE_MS);
}

function saveNow(): void {
  clearTimeout(saving);
  saving = undefined;
  const { panel, timeline: t, ui } = model;
  // before the first state, what was found is kept
  const saved = panel ? saveTimeline(t, panel.title) : t.saved;
  api.setState({ ...save(ui), ...(saved && { timeline: saved }) });
}

/** A menu that opens takes the focus, and gives it back when it closes. */
function moveFocus(hadMenu: boolean): void {
  const first = document.querySelector<HTMLElement>('.menu [role=menuitem]');
  if (first && !hadMenu) first.focus();
  if (!first && hadMenu) menuFocusReturn?.focus();
}

window.addEventListener('message', (event: MessageEvent<unknown>) => {
  const checked = checkToPanel(event.data);
  // a page that comes back knows its own choices
  if (checked.ok && checked.message.type === 'choices' && hasOwnChoices) return;
  if (checked.ok) act({ do: 'message', message: checked.message });
  else act({ do: 'badMessage', error: `The extension sent what the panel does not understand: ${checked.error}` });
});
/** Where letters are typed, they are typed. */
const TYPES = 'input, textarea, select, [contenteditable], vscode-text-field, vscode-dropdown';

window.addEventListener('keydown', (event) => {
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
  if (event.key !== 't' || !plain || (event.target instanceof Element && event.target.closest(TYPES))) return;
  act({ do: 'view', view: model.ui.view === 'circle' ? 'table' : 'circle' });
});
window.addEventListener('resize', () => {
  shown = undefined;
  frame ??= requestAnimationFrame(draw);
});

draw();
api.postMessage({ type: 'ready' });
