// A stop of the machine as DAP's stopped event.
import { StoppedEvent } from '@vscode/debugadapter';
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { StopState } from '../machine';
import { eventDetail, stopText } from './words';

/** What the adapter knows of its breakpoints, and the machine does not. */
export interface KnownBreakpoints {
  isFunction(id: number): boolean;
  /** what a data breakpoint watches */
  label(id: number): string | undefined;
  /** ids of exception filters by name */
  idsOf(filters: readonly string[]): readonly number[];
}

/**
 * All threads stop together; the one the stop is about gets the focus.
 * @param sought what was searched for, where the stop is the end of a search and not of a breakpoint
 */
export function stoppedEvent(state: StopState, known: KnownBreakpoints, sought?: string): DebugProtocol.StoppedEvent {
  const { reason } = state;
  const event: DebugProtocol.StoppedEvent = new StoppedEvent(dapReason(state, known), state.thread);
  const functions = event.body.reason === 'function breakpoint';
  event.body.description = stopText(reason, (id) => known.label(id), functions, sought);
  event.body.allThreadsStopped = true;
  if (reason.kind === 'event') event.body.text = eventDetail(reason.event);
  if (reason.kind === 'data') event.body.text = event.body.description;
  if (reason.kind === 'end') event.body.text = reason.text;
  const hit = hitIds(state, known);
  if (hit.length > 0) event.body.hitBreakpointIds = hit;
  return event;
}

function dapReason({ reason }: StopState, known: KnownBreakpoints): string {
  switch (reason.kind) {
    case 'entry':
    case 'start':
      return 'entry';
    case 'step':
    case 'pause':
    case 'goto':
      return reason.kind;
    case 'breakpoint':
      return reason.ids.every((id) => known.isFunction(id)) ? 'function breakpoint' : 'breakpoint';
    case 'data':
      return 'data breakpoint';
    case 'event':
      return 'exception';
    case 'end':
      return reason.how === 'trap' ? 'exception' : 'pause';
  }
}

function hitIds({ reason }: StopState, known: KnownBreakpoints): number[] {
  if (reason.kind === 'breakpoint' || reason.kind === 'data') return [...reason.ids];
  return reason.kind === 'event' ? [...known.idsOf(reason.ids)] : [];
}
