// The machine around the rings: who runs and who waits, the device's registers and timers, and the findings.
import { html, nothing, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import type { PanelState, PanelThread } from '../../src/panel/protocol';
import { duration, grouped, plural } from '../format';
import { authorMark, sourceLink } from './marks';
import { derivedClass, type View } from './view';

type Host = Extract<PanelThread, { kind: 'host' }>;
type Vcpu = Extract<PanelThread, { kind: 'vcpu' }>;

export const threads = (view: View): TemplateResult =>
  html`<section class="threads" aria-label="Threads">
    <h2>Who runs, who waits</h2>
    <ul>
      ${view.panel.threads.map((thread) => (thread.kind === 'vcpu' ? vcpu(view, thread) : host(view, thread)))}
    </ul>
  </section>`;

function vcpu(view: View, thread: Vcpu): TemplateResult {
  const where =
    thread.context === 'idle' || thread.at === undefined
      ? 'idle'
      : html`${thread.context} context, in <b class="mono">${thread.at}</b> ${sourceLink(view, thread.source, 0)}`;
  return html`<li class=${derivedClass(view, thread.name)}>
    ${authorMark('driver')}<b>${thread.name}</b>
    <span>${where}${thread.irqsOff ? ', interrupts off' : ''}</span>
    ${
      thread.blockedBy === undefined
        ? nothing
        : html`<span class="more">inside a VM exit, served by <b>${thread.blockedBy}</b></span>`
    }
    ${thread.interrupts.map((label) => html`<span class="more dim">${label}</span>`)}
  </li>`;
}

const STATUS: Readonly<Record<Host['status'], string>> = {
  rest: 'waits for',
  ready: 'is about to run; waited for',
  running: 'runs; waited for',
  sleeping: 'sleeps; waits for',
  dead: 'has ended; waited for',
};

/** What is next is said on a line of its own; what it waits for then is another thing, as a lock. */
function doing({ status, waitsFor, next }: Host): string {
  if (status !== 'ready' || next === undefined) return `${STATUS[status]} ${waitsFor || 'nothing'}`;
  return waitsFor === next ? 'is about to run' : `is about to run; waits for ${waitsFor}`;
}

function host(view: View, thread: Host): TemplateResult {
  const now = view.panel.timeNs;
  const state = Object.entries(thread.state)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ');
  return html`<li class=${derivedClass(view, thread.name)}>
    ${authorMark('device')}<b>${thread.name}</b>
    <span>${doing(thread)}, ${duration(now - thread.sinceNs)}</span>
    ${thread.wakeNs === undefined ? nothing : html`<span class="more">goes on in ${duration(thread.wakeNs - now)}</span>`}
    ${thread.next === undefined ? nothing : html`<span class="more">next: ${thread.next}</span>`}
    ${thread.frames.map(
      (frame, i) =>
        html`<span class="more"
          ><span class="dim">${i === 0 ? 'in' : 'called by'}</span>
          <b class="mono">${frame.function}</b> ${sourceLink(view, frame.source, 0)}</span
        >`,
    )}
    ${state ? html`<span class="more dim mono" title=${state}>${state}</span>` : nothing}
  </li>`;
}

/** Bits of InterruptStatus (spec 4.2.2). */
function interruptStatus(value: number): string {
  const names = [value & 1 && 'used buffer', value & 2 && 'configuration change'].filter(Boolean);
  return names.length > 0 ? names.join(', ') : 'none';
}

export function device(view: View): TemplateResult {
  const { panel } = view;
  const { device: d, netdev, timeNs } = panel;
  return html`<section class="device" aria-label="Device and interface">
    <h2>Device</h2>
    <dl>
      <dt>status</dt>
      <dd class=${derivedClass(view, 'status')}>
        <span class="mono">0x${d.status.toString(16)}</span> ${d.statusNames.join(' ') || 'reset'}
      </dd>
      <dt>interrupt</dt>
      <dd class=${derivedClass(view, 'interrupt')}>
        ${interruptStatus(d.interruptStatus)}${d.irqPending ? '; line raised, not delivered yet' : ''}
      </dd>
      <dt>timers</dt>
      <dd>
        ${
          d.timers.length === 0
            ? 'none armed'
            : d.timers.map(
                (timer) =>
                  html`<span class="timer ${derivedClass(view, timer.name)}"
                    ><b>${timer.name}</b> (${timer.queue}) fires in
                    <b class="mono">${duration(timer.dueNs - timeNs)}</b>
                    <span class="dim">armed ${duration(timeNs - timer.armedNs)} ago</span></span
                  >`,
              )
        }
      </dd>
      <dt>interface</dt>
      <dd class=${derivedClass(view, 'interface')}>
        transmit queue <b>${netdev.queueStopped ? 'stopped' : 'running'}</b>, ${plural(netdev.qdiscLength, 'skb')} in
        the qdisc
      </dd>
      <dt>exits</dt>
      <dd>${exitWords(panel.exits)}</dd>
      <dt>features</dt>
      <dd class="features">
        <span class="mono">${d.features}</span>
        ${guard([d.features], () =>
          d.featureNames.map(
            (name) => html`<span title=${name}>${name.replace(/^VIRTIO_(NET_F_|RING_F_|F_)/, '')}</span> `,
          ),
        )}
      </dd>
    </dl>
  </section>`;
}

const EXITS: Readonly<Record<keyof PanelState['exits'], string>> = {
  notify: 'notify',
  interruptStatus: 'interrupt status',
  interruptAck: 'interrupt ack',
  config: 'config',
  injection: 'injection',
};

function exitWords(exits: PanelState['exits']): string {
  const kinds = Object.keys(EXITS) as (keyof PanelState['exits'])[];
  const words = kinds.filter((kind) => exits[kind] > 0).map((kind) => `${grouped(exits[kind])} ${EXITS[kind]}`);
  return words.join(', ') || 'none';
}

export const findings = (view: View): TemplateResult | typeof nothing =>
  view.panel.findings.length === 0
    ? nothing
    : html`<section class="findings" aria-label="Findings">
        <h2>Findings <span>${view.panel.findings.length}</span></h2>
        <ul>
          ${view.panel.findings.map(
            (finding) =>
              html`<li>
                <span class="warn" aria-hidden="true">⚠</span>
                <span class="kind mono">${finding.id}</span>
                <span class="text"
                  >${finding.text}
                  ${finding.source ? sourceLink(view, finding.source, 0) : html`<span class="dim">${finding.where ?? ''}</span>`}
                  ${finding.related?.map((related) => html`<span class="more dim">${related.text}</span>`)}</span
                >
                <button
                  class="link"
                  title="Go to this moment"
                  @click=${() => view.send({ type: 'goTo', tick: finding.position.tick, sub: finding.position.sub })}
                >
                  ${duration(finding.timeNs)}
                </button>
              </li>`,
          )}
        </ul>
      </section>`;
