// The answer at a glance: why nothing moves, the counters, and how far both sides have come.
import { html, nothing, type TemplateResult } from 'lit';
import type { FieldPlace, PanelQueue, SlotState } from '../../src/panel/protocol';
import type { Author } from '../../src/virtqueue';
import { changedFields } from '../changed';
import { AUTHOR_CLASS, grouped, placeInRing, plural, ratio, STATES } from '../format';
import { inFlight } from './header';
import { authorMark, noticeMark } from './marks';
import { vars } from './vars';
import { fieldActions, openMenu, type View } from './view';

/** A value with a name that can be watched: a button when it has a place in memory. */
export function field(
  view: View,
  spec: {
    readonly label: string;
    /** its name where the label alone would not say which field it is: `used.idx` under the heading `used` */
    readonly name?: string;
    readonly value: string | number | undefined;
    readonly place?: FieldPlace;
    readonly author?: Author;
    readonly changed?: Author;
    /** not in the ring: one side's own variable */
    readonly private?: boolean;
    readonly title?: string;
  },
): TemplateResult {
  const { label, value, place, author, changed } = spec;
  const name = spec.name ?? label;
  const items = fieldActions(name, place);
  const inner = html`${author ? authorMark(author) : nothing}<span class="name">${label}</span
    ><b class="mono ${changed ? `chg ${AUTHOR_CLASS[changed]}` : ''}">${value ?? 'unknown'}</b>`;
  const classes = `field ${spec.private ? 'private' : ''}`;
  const words = [spec.title, changed && `changed by the ${changed} since the previous stop`].filter(Boolean).join('\n');
  if (value === undefined || items.length === 0) {
    return html`<span class=${classes} title=${words || nothing}>${inner}</span>`;
  }
  const open = (event: Event): void => openMenu(view, event, name, items);
  return html`<button
    class=${classes}
    title=${words || nothing}
    aria-haspopup="menu"
    @click=${open}
    @contextmenu=${open}
  >
    ${inner}
  </button>`;
}

export const sentence = (view: View, queue: PanelQueue): TemplateResult =>
  html`<section class="why" aria-label="Why">
    <p class="sentence">${queue.sentence}</p>
    <p class="reason dim">${view.panel.title} · ${view.panel.reason}</p>
  </section>`;

export const problems = (queue: PanelQueue): TemplateResult | typeof nothing =>
  queue.ring.problems.length === 0
    ? nothing
    : html`<section class="problems" role="group" aria-label="Problems in the ring">
        ${queue.ring.problems.slice(0, 8).map((text) => html`<p>⚠ ${text}</p>`)}
        ${queue.ring.problems.length > 8 ? html`<p>and ${queue.ring.problems.length - 8} more</p>` : nothing}
      </section>`;

export function counters(view: View, queue: PanelQueue): TemplateResult {
  const { counters: c } = queue;
  const exits = Object.entries(view.panel.exits);
  // Set-up is no packet's cost: its exits are told under Device.
  const onPath = exits.reduce((sum, [kind, n]) => (kind === 'config' ? sum : sum + n), 0);
  const used = view.panel.queues.reduce((sum, q) => sum + q.counters.used, 0);
  return html`<section class="counters" aria-label="Counters">
    <span title="kicks that were sent (VM exits), and those the driver left out because the device asked for none">
      ${noticeMark('driver', true)}<b>${grouped(c.kicks)}</b> kicks ${noticeMark('driver', false)}<b
        >${grouped(c.kicksSuppressed)}</b
      >
      suppressed <i>${ratio(c.kicks, c.added)} per buffer</i>
    </span>
    <span
      title="raised by the device; delivered to the vCPU (raises coalesce while one is pending); not raised because the driver asked for none"
    >
      ${noticeMark('device', true)}<b>${grouped(c.interrupts.raised)}</b> interrupts raised
      <b>${grouped(c.interrupts.delivered)}</b> delivered ${noticeMark('device', false)}<b
        >${grouped(c.interrupts.suppressed)}</b
      >
      suppressed <i>${ratio(c.interrupts.delivered, c.used)} per buffer</i>
    </span>
    <span title=${exits.map(([kind, n]) => `${kind}: ${n}`).join('\n')}>
      <b>${grouped(onPath)}</b> exits, all queues <i>${ratio(onPath, used)} per buffer</i>
    </span>
    <span><b>${grouped(c.added)}</b> added <b>${grouped(c.used)}</b> used <b>${grouped(c.bytes)}</b> bytes</span>
    <span title="exposed by the driver, not used by the device">
      <b>${grouped(inFlight(queue))}</b> in flight <i>at most ${grouped(c.maxOutstanding)}</i>
    </span>
  </section>`;
}

interface Post {
  readonly name: 'last_used_idx' | 'used.idx' | 'last_avail_idx' | 'avail.idx';
  readonly author: Author;
  readonly value: number | undefined;
  readonly place?: FieldPlace;
  readonly private: boolean;
  readonly title: string;
}

function posts(view: View, queue: PanelQueue): readonly Post[] {
  const { layout, avail, used, progress } = queue.ring;
  const at = (part: string): FieldPlace | undefined => placeInRing(part, 2, 2, view.panel.physOffset);
  return [
    {
      name: 'last_used_idx',
      author: 'driver',
      value: progress.lastUsedIdx,
      place: queue.places.lastUsedIdx,
      private: true,
      title: 'driver: next used entry it will read (its own variable)',
    },
    {
      name: 'used.idx',
      author: 'device',
      value: used.idx,
      place: at(layout.used),
      private: false,
      title: 'device: next used entry it will write (spec 2.7.8)',
    },
    {
      name: 'last_avail_idx',
      author: 'device',
      value: progress.lastAvailIdx,
      private: true,
      title: 'device: next avail entry it will look at (its own variable)',
    },
    {
      name: 'avail.idx',
      author: 'driver',
      value: avail.idx,
      place: at(layout.avail),
      private: false,
      title: 'driver: next avail entry it will expose (spec 2.7.6)',
    },
  ];
}

const SPANS: readonly SlotState[] = ['used', 'taken', 'available'];

/** The entries between two indices: who has to act on how many. */
function span(from: Post, to: Post, state: SlotState, size: number): TemplateResult {
  const n = ((to.value ?? 0) - (from.value ?? 0)) & 0xffff;
  if (n > size) {
    return html`<span
      class="span bad"
      title="${from.name} ${from.value} and ${to.name} ${to.value} are further apart than the ring's ${size} entries"
      >⚠</span
    >`;
  }
  const words = STATES[state].words;
  return n === 0
    ? html`<span class="span none" title="none ${words}">=</span>`
    : html`<span class="span own-${state}" title=${`${plural(n, 'buffer')} ${words}`} ${vars({ '--n': String(n) })}
        ><em>${grouped(n)} ${state}</em></span
      >`;
}

/** Both sides' indices in the order in which they follow each other, with the number of entries between them. */
export function progress(view: View, queue: PanelQueue): TemplateResult {
  const changed = changedFields(view.panel, queue.ring.name);
  const { size } = queue.ring.layout;
  const { numAdded, numFree, freeHead, lastAvailIdx } = queue.ring.progress;
  // where the device's own index is not known, what is exposed cannot be told apart into taken and available
  const line = posts(view, queue).filter((post) => post.value !== undefined);
  const parts = line.flatMap((post, i) => {
    const drawn = field(view, { ...post, label: post.name, changed: changed.get(post.name) });
    const before = line[i - 1];
    if (!before) return [drawn];
    const state =
      before.name === 'last_used_idx'
        ? SPANS[0]
        : before.name === 'last_avail_idx'
          ? SPANS[2]
          : lastAvailIdx === undefined
            ? 'unknown'
            : SPANS[1];
    return [span(before, post, state ?? 'unknown', size), drawn];
  });
  const own = [
    { label: 'num_added', value: numAdded, place: queue.places.numAdded, title: 'driver: added, not exposed yet' },
    { label: 'num_free', value: numFree, place: queue.places.numFree, title: 'driver: free descriptors' },
    { label: 'free_head', value: freeHead, place: queue.places.freeHead, title: 'driver: first of its free list' },
  ].filter(({ value }) => value !== undefined);
  return html`<section class="progress" aria-label="Progress of both sides">
    <div class="line">${parts}</div>
    <div class="own-line">
      ${
        own.length > 0
          ? own.map((spec) => field(view, { ...spec, author: 'driver', private: true }))
          : html`<span class="dim"
              >The driver’s own indices are unknown: its debug information does not name them.</span
            >`
      }
      <span class="dim">${grouped(size)} entries${queue.legacy ? ', legacy' : ''}</span>
    </div>
  </section>`;
}
