// Requests: their arguments and answers by command, and the requests of the lab's own.
import type { DebugProtocol as P } from '@vscode/debugprotocol';

/** `[arguments, body of the answer]` of each request the adapter knows. */
export interface Requests {
  initialize: [P.InitializeRequestArguments, P.Capabilities];
  launch: [unknown, undefined];
  attach: [unknown, undefined];
  restart: [P.RestartArguments | undefined, undefined];
  configurationDone: [unknown, undefined];
  disconnect: [unknown, undefined];
  terminate: [unknown, undefined];
  cancel: [P.CancelArguments | undefined, undefined];
  threads: [unknown, P.ThreadsResponse['body']];
  stackTrace: [P.StackTraceArguments, P.StackTraceResponse['body']];
  scopes: [P.ScopesArguments, P.ScopesResponse['body']];
  variables: [P.VariablesArguments, P.VariablesResponse['body']];
  setVariable: [P.SetVariableArguments, P.SetVariableResponse['body']];
  setExpression: [P.SetExpressionArguments, P.SetExpressionResponse['body']];
  evaluate: [P.EvaluateArguments, P.EvaluateResponse['body']];
  completions: [P.CompletionsArguments, P.CompletionsResponse['body']];
  source: [P.SourceArguments, P.SourceResponse['body']];
  loadedSources: [unknown, P.LoadedSourcesResponse['body']];
  continue: [P.ContinueArguments, P.ContinueResponse['body']];
  next: [P.NextArguments, undefined];
  stepIn: [P.StepInArguments, undefined];
  stepOut: [P.StepOutArguments, undefined];
  stepBack: [P.StepBackArguments, undefined];
  reverseContinue: [P.ReverseContinueArguments, undefined];
  pause: [P.PauseArguments, undefined];
  stepInTargets: [P.StepInTargetsArguments, P.StepInTargetsResponse['body']];
  setBreakpoints: [P.SetBreakpointsArguments, P.SetBreakpointsResponse['body']];
  setFunctionBreakpoints: [P.SetFunctionBreakpointsArguments, P.SetFunctionBreakpointsResponse['body']];
  setExceptionBreakpoints: [P.SetExceptionBreakpointsArguments, P.SetExceptionBreakpointsResponse['body']];
  breakpointLocations: [P.BreakpointLocationsArguments, P.BreakpointLocationsResponse['body']];
  dataBreakpointInfo: [P.DataBreakpointInfoArguments, P.DataBreakpointInfoResponse['body']];
  setDataBreakpoints: [P.SetDataBreakpointsArguments, P.SetDataBreakpointsResponse['body']];
  exceptionInfo: [P.ExceptionInfoArguments, P.ExceptionInfoResponse['body']];
  readMemory: [P.ReadMemoryArguments, P.ReadMemoryResponse['body']];
  writeMemory: [P.WriteMemoryArguments, P.WriteMemoryResponse['body']];

  /** Moves the machine to a position that the run has reached before. */
  'virtioLab.goTo': [{ readonly tick: number; readonly sub?: number }, undefined];
  /** Stops when a range of RAM (guest pointer, bytes) is written; the client's own list stays as it is. */
  'virtioLab.breakOnWrite': [
    { readonly address: number; readonly size: number; readonly label?: string },
    { id: number },
  ];
  /** Ends one of these, or all without an id. */
  'virtioLab.clearBreakOnWrite': [{ readonly id?: number } | undefined, undefined];
  /** Moves the machine back to where a range was written last: who last wrote this. */
  'virtioLab.lastWriter': [{ readonly address: number; readonly size: number; readonly label?: string }, undefined];
  /** Runs on to the next write of a range, or to what stops before it. */
  'virtioLab.nextWriter': [{ readonly address: number; readonly size: number; readonly label?: string }, undefined];
}

/** The answer to a request, and what to do once it has been sent: events that must not overtake it. */
export interface Answer<Body> {
  readonly body?: Body;
  readonly after?: () => void;
}

export type Handlers = {
  readonly [C in keyof Requests]: (
    args: Requests[C][0],
    seq: number,
  ) => Answer<Requests[C][1]> | Promise<Answer<Requests[C][1]>>;
};
