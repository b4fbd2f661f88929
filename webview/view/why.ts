// Why nothing moves: who waits for whom, and the sentence in clauses, each of which shows the fields that it was derived from.
import { html, nothing, type TemplateResult } from 'lit';
import type { Clause, PanelQueue, PanelState, Party } from '../../src/panel/protocol';
import { handsOf } from '../hands';
import { duration } from '../format';
import { authorMark } from './marks';
import type { View } from './view';

const chip = ({ name, side }: Party): TemplateResult =>
  html`<span class="chip ${side === 'driver' ? 'drv' : 'dev'}">${authorMark(side)}${name}</span>`;

/** What a field is now, where a clause names it. */
function valueOf(panel: PanelState, queue: PanelQueue, name: string): string | undefined {
  const { ring } = queue;
  const hand = handsOf(queue, panel.physOffset).find(
    (h) => h.name === name || `used.${h.name}` === name || `avail.${h.name}` === name,
  );
  if (hand) return String(hand.value);
  const { numAdded, numFree } = ring.progress;
  const timer = panel.device.timers.find((t) => t.name === name);
  const own: Readonly<Record<string, string | number | undefined>> = {
    'used.flags': `0x${ring.used.flags.toString(16)}`,
    'avail.flags': `0x${ring.avail.flags.toString(16)}`,
    num_added: numAdded,
    num_free: numFree,
    status: `0x${panel.device.status.toString(16)}`,
    interrupt: panel.device.irqPending ? 'pending' : 'none pending',
    interface: panel.netdev.queueStopped ? 'queue stopped' : 'queue running',
  };
  if (timer) return `due in ${duration(timer.dueNs - panel.timeNs)}`;
  return own[name] === undefined ? undefined : String(own[name]);
}

function clauseButton(view: View, queue: PanelQueue, clause: Clause, text: string): TemplateResult {
  const { act, panel } = view;
  const from = clause.from.flatMap((name) => {
    const value = valueOf(panel, queue, name);
    const known = value !== undefined || !/^(used|avail)\./.test(name);
    return known ? [value === undefined ? name : `${name} = ${value}`] : [];
  });
  const show = (): void => act({ do: 'derived', fields: clause.from });
  const hide = (): void => act({ do: 'derived', fields: undefined });
  if (from.length === 0) return html`${text}`;
  // not a button of HTML: that would be a box that does not break over lines
  return html`<span
    class="clause"
    role="button"
    tabindex="0"
    title=${`from ${from.join(', ')}`}
    @mouseenter=${show}
    @mouseleave=${hide}
    @focus=${show}
    @blur=${hide}
    >${text}</span
  >`;
}

/** The sentence as it is, with each of its clauses where it stands in it. */
function clauses(view: View, queue: PanelQueue): unknown {
  const parts: unknown[] = [];
  let rest = queue.sentence;
  for (const clause of queue.clauses) {
    // the sentence's first letter is a capital
    const at = rest.toLowerCase().indexOf(clause.text.toLowerCase());
    if (at < 0) continue;
    parts.push(rest.slice(0, at), clauseButton(view, queue, clause, rest.slice(at, at + clause.text.length)));
    rest = rest.slice(at + clause.text.length);
  }
  return [...parts, rest];
}

export function why(view: View, queue: PanelQueue): TemplateResult {
  const { waits } = queue;
  return html`<section class="why" aria-label="Why">
    ${
      waits
        ? html`<p class="waits">${chip(waits.who)} <span class="dim">waits for</span> ${chip(waits.whom)}</p>`
        : nothing
    }
    <div>
      <p class="sentence">${clauses(view, queue)}</p>
      <p class="reason dim">${view.panel.title} · ${view.panel.reason}</p>
    </div>
  </section>`;
}
