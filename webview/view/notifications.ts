// Whether a kick and an interrupt would be sent now, and why; and what the marks on the page mean.
import { html, nothing, type TemplateResult } from 'lit';
import type { PanelQueue } from '../../src/panel/protocol';
import type { Owner } from '../../src/virtqueue';
import { STATES } from '../format';
import { authorMark, gate, noticeMark, stateMark } from './marks';
import type { View } from './view';

export function notifications(view: View, queue: PanelQueue): TemplateResult {
  const { kick, interrupt } = queue.notifications;
  const vcpu = view.panel.threads.find((thread) => thread.kind === 'vcpu');
  const { irqPending } = view.panel.device;
  return html`<section class="notify" aria-label="Notifications">
    <h2>Notifications <span>${queue.ring.layout.eventIdx ? 'event index' : 'flags'}</span></h2>
    <p class="verdict">
      ${gate('driver', kick.sent)}<span>A kick now would be <b>${kick.sent ? 'sent' : 'suppressed'}</b></span>
    </p>
    <p class="reason">${kick.why}</p>
    <p class="verdict">
      ${gate('device', interrupt.sent)}<span
        >An interrupt now would be <b>${interrupt.sent ? 'raised' : 'suppressed'}</b></span
      >
    </p>
    <p class="reason">${interrupt.why}</p>
    ${
      irqPending
        ? html`<p class="reason">
            ${noticeMark('device', true)} One interrupt is
            pending${vcpu?.kind === 'vcpu' && vcpu.irqsOff ? ': the vCPU runs with interrupts off' : ''}
          </p>`
        : nothing
    }
  </section>`;
}

const LEGEND: readonly Owner[] = ['free', 'building', 'added', 'available', 'taken', 'used', 'reclaimed', 'unknown'];

const LEGEND_WORDS: Readonly<Record<Owner, string>> = {
  free: 'free',
  building: 'being built',
  added: 'added, not exposed',
  available: 'available',
  taken: 'taken by device',
  used: 'used',
  reclaimed: 'just reclaimed',
  unknown: 'unknown',
};

export const legend = (): TemplateResult =>
  html`<section class="legend" aria-label="Legend">
    ${LEGEND.map((owner) => html`<span title=${STATES[owner].words}>${stateMark(owner)} ${LEGEND_WORDS[owner]}</span>`)}
    <span>${authorMark('driver')} driver</span>
    <span>${authorMark('device')} device</span>
    <span>${authorMark('debugger')} debugger</span>
    <span>${authorMark('machine')} machine</span>
    <span><i class="private">idx</i> private index</span>
  </section>`;
