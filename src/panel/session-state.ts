// From a session and its stop to what the ring panel and the views show, and what answers the page's questions come from.
import { join } from 'node:path';
import { findRingOverlay, findSkbLayout, Inspector } from '../guest';
import { comparePositions, type StopState } from '../machine';
import { composePanelState, sourceLink, type ComposeContext } from './compose';
import type { LookedAt } from './look';
import { readSkb } from './packet/read-skb';
import type { LabSession } from './sessions';

/** The session once it has stopped. */
export function stoppedAt(session: LabSession, stop: StopState): LabSession {
  const steppedBack = session.stop !== undefined && comparePositions(stop.position, session.stop.position) < 0;
  const stopped = { ...session, running: false, stop, steppedBack };
  try {
    const state = composePanelState(stop, contextOf(session));
    return { ...stopped, state, message: { type: 'state', state } };
  } catch (e) {
    const text = `The rings cannot be shown: ${e instanceof Error ? e.message : String(e)}`;
    return { ...stopped, message: { type: 'error', text } };
  }
}

function contextOf({ launched, state }: LabSession): ComposeContext {
  const { program, ram, physOffset } = launched.machine;
  const debugInfo = launched.inspector instanceof Inspector ? launched.inspector.debugInfo : undefined;
  return {
    title: launched.title,
    program,
    ram,
    physOffset,
    previous: state,
    hostPath: (file) => join(launched.hostSources, file),
    overlay: debugInfo && ((desc, size) => findRingOverlay(debugInfo, ram, desc, size)),
    sourcePath: (site) => {
      const place = program.sites[site];
      return place && launched.sourcePath(place.file);
    },
  };
}

/** What the page's questions about a session are answered from. */
export function lookedAt({ launched, state, running }: LabSession): LookedAt {
  const { machine } = launched;
  return {
    machine,
    link: (site) => {
      const place = machine.program.sites[site];
      const path = place && launched.sourcePath(place.file);
      return path === undefined ? undefined : sourceLink(path, place?.line ?? 1);
    },
    readSkb: (id) => {
      // while it runs, memory changes under the reader
      if (running || !state) return undefined;
      const { program, ram, physOffset } = machine;
      const debugInfo = launched.inspector instanceof Inspector ? launched.inspector.debugInfo : undefined;
      const layout = debugInfo && findSkbLayout(debugInfo);
      return readSkb(state, id, { ram, physOffset, layout, memMap: program.symbols['mem_map'] });
    },
  };
}
