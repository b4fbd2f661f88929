// The answer at a glance: what is wrong with the ring, and the counters.
import { html, nothing, type TemplateResult } from 'lit';
import type { PanelQueue } from '../../src/panel/protocol';
import { grouped, perBuffer } from '../format';
import { inFlight } from './header';
import { noticeMark } from './marks';
import type { View } from './view';

/** Those that the sentence above does not tell already. */
export function problems({ ring, sentence }: PanelQueue): TemplateResult | typeof nothing {
  const others = ring.problems.filter((text) => !sentence.includes(text));
  return others.length === 0
    ? nothing
    : html`<section class="problems" role="group" aria-label="Problems in the ring">
        ${others.slice(0, 8).map((text) => html`<p>⚠ ${text}</p>`)}
        ${others.length > 8 ? html`<p>and ${others.length - 8} more</p>` : nothing}
      </section>`;
}

export function counters(view: View, queue: PanelQueue): TemplateResult {
  const { counters: c } = queue;
  const exits = Object.entries(view.panel.exits);
  // Set-up is no packet's cost: its exits are told under Device.
  const onPath = exits.reduce((sum, [kind, n]) => (kind === 'config' ? sum : sum + n), 0);
  const used = view.panel.queues.reduce((sum, q) => sum + q.counters.used, 0);
  return html`<section class="counters" aria-label="Counters">
    <span title="kicks that were sent (VM exits), and those the driver left out because the device asked for none">
      ${noticeMark('driver', true)}${counted(c.kicks, 'kick')} ${noticeMark('driver', false)}<b
        >${grouped(c.kicksSuppressed)}</b
      >
      suppressed<i>${perBuffer(c.kicks, c.added)}</i>
    </span>
    <span
      title="raised by the device; delivered to the vCPU (raises coalesce while one is pending); not raised because the driver asked for none"
    >
      ${noticeMark('device', true)}${counted(c.interrupts.raised, 'interrupt')} raised,
      <b>${grouped(c.interrupts.delivered)}</b> delivered ${noticeMark('device', false)}<b
        >${grouped(c.interrupts.suppressed)}</b
      >
      suppressed<i>${perBuffer(c.interrupts.delivered, c.used)}</i>
    </span>
    <span title=${exits.map(([kind, n]) => `${kind}: ${n}`).join('\n')}>
      ${counted(onPath, 'exit')}, all queues<i>${perBuffer(onPath, used)}</i>
    </span>
    <span><b>${grouped(c.added)}</b> added, <b>${grouped(c.used)}</b> used, ${counted(c.bytes, 'byte')}</span>
    <span title="exposed by the driver, not used by the device">
      <b>${grouped(inFlight(queue))}</b> in flight<i>, at most ${grouped(c.maxOutstanding)}</i>
    </span>
  </section>`;
}

const counted = (n: number, one: string): TemplateResult => html`<b>${grouped(n)}</b> ${n === 1 ? one : `${one}s`}`;
