// Stepping: which run request a DAP request stands for, and when it is refused before anything moves.
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { RunRequest, StepTarget, StopState } from '../machine';
import { RequestError } from './errors';

export type StepCommand = 'next' | 'stepIn' | 'stepOut' | 'stepBack';

type StepArguments = Pick<DebugProtocol.StepInArguments, 'threadId' | 'granularity'>;

/**
 * The run request of a step.
 * @param into what only stepIn has: the target chosen, and whether an interrupt that arrives is entered
 * @throws RequestError for an unknown thread, a step finer than a line, or one out of a host thread's loop
 */
export function stepRequest(
  command: StepCommand,
  args: StepArguments,
  state: StopState,
  into: { readonly target?: StepTarget; readonly interrupts: boolean },
): RunRequest {
  const thread = args.threadId;
  const stepped = state.threads.find((t) => t.id === thread);
  if (stepped === undefined) throw new RequestError(`There is no thread ${thread}.`);
  if (args.granularity === 'instruction')
    throw new RequestError('The driver is stepped by source lines; there are no machine instructions to step.', {
      showUser: true,
    });
  switch (command) {
    case 'next':
      return { kind: 'over', thread };
    case 'stepIn':
      return { kind: 'into', thread, target: into.target, interrupts: into.interrupts };
    case 'stepOut':
      // as gdb does for "finish" in the outermost frame
      if (stepped.kind === 'host' && (stepped.frames ?? []).length <= 1)
        throw new RequestError(
          `${stepped.name} is in its loop, which never returns: there is nothing to step out of. Step over to its next action, or continue.`,
          { showUser: true },
        );
      return { kind: 'out', thread };
    case 'stepBack':
      return { kind: 'back', thread };
  }
}

/**
 * Refuses what cannot move: forward at the end of the run, backward at power-on.
 * The machine would refuse as well, but by then the client has been told that the thread runs.
 */
export function refuseAtTheEdge(request: RunRequest, { reason }: StopState): void {
  const backward = request.kind === 'back' || request.kind === 'reverse';
  if (reason.kind === 'end' && !backward && request.kind !== 'goto')
    throw new RequestError(`${sentence(reason.text)} Nothing comes after this: step back, restart, or stop.`, {
      showUser: true,
    });
  if (reason.kind === 'start' && backward)
    throw new RequestError('This is power-on: nothing lies before it.', { showUser: true });
}

function sentence(text: string): string {
  const whole = text.trim() || 'The run is over';
  const begun = whole.charAt(0).toUpperCase() + whole.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
