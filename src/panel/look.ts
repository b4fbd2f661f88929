// What the panel's page asks for while it draws: windows of the timeline, events in full, bytes of memory. Changes nothing.
import { eventLine, type MachineEvent, type MachineHandle } from '../machine';
import type { FromPanel, PanelEvent, SourceLink, ToPanel } from './protocol';

export type Looking = Extract<FromPanel, { type: 'timeline' | 'events' | 'memory' }>;

/** What answers come from: a launched session, running or stopped. */
export interface LookedAt {
  readonly machine: Pick<MachineHandle, 'timeline' | 'events' | 'ram'>;
  /** where a site of the program is, when it can be opened */
  readonly link: (site: number) => SourceLink | undefined;
}

/** Answers one question. @throws MachineGone when the session has ended meanwhile */
export async function look(message: Looking, { machine, link }: LookedAt): Promise<ToPanel> {
  switch (message.type) {
    case 'timeline':
      return { type: 'timeline', name: message.name, window: await machine.timeline(message.query) };
    case 'events': {
      const events = await machine.events(message.from, message.to);
      return { type: 'events', events: events.map((event) => inFull(event, link)) };
    }
    case 'memory': {
      const { address, size } = message;
      const bytes = Buffer.from(machine.ram.subarray(address, address + size)).toString('hex');
      return { type: 'memory', address, bytes };
    }
  }
}

function inFull(event: MachineEvent, link: LookedAt['link']): PanelEvent {
  const [, , ...words] = eventLine(event).split(' ');
  const source = event.site === undefined ? undefined : link(event.site);
  return { seq: event.seq, text: words.join(' '), ...(source && { source }) };
}
