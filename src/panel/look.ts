// What the panel's page asks for while it draws: windows of the timeline, events in full, bytes of memory and of skbs. Changes nothing.
import { eventLine, type MachineEvent, type MachineHandle } from '../machine';
import type { FromPanel, PanelEvent, SkbBytes, SourceLink, ToPanel } from './protocol';

export type Looking = Extract<FromPanel, { type: 'timeline' | 'events' | 'memory' | 'readSkb' }>;

/** What answers come from: a launched session, running or stopped. */
export interface LookedAt {
  readonly machine: Pick<MachineHandle, 'timeline' | 'events' | 'ram'>;
  /** where a site of the program is, when it can be opened */
  readonly link: (site: number) => SourceLink | undefined;
  /** the bytes of an skb that is pending at a stop; undefined while the machine runs, or when it is not pending */
  readonly readSkb: (id: number) => SkbBytes | undefined;
}

/** Answers one question; undefined when there is nothing to answer with. @throws MachineGone when the session has ended meanwhile */
export async function look(message: Looking, { machine, link, readSkb }: LookedAt): Promise<ToPanel | undefined> {
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
    case 'readSkb': {
      const bytes = readSkb(message.id);
      return bytes && { type: 'skbBytes', bytes };
    }
  }
}

function inFull(event: MachineEvent, link: LookedAt['link']): PanelEvent {
  const [, , ...words] = eventLine(event).split(' ');
  const source = event.site === undefined ? undefined : link(event.site);
  return { seq: event.seq, text: words.join(' '), ...(source && { source }) };
}
