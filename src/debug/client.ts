// What the client said at `initialize`: how it counts, and what it understands.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { RequestError } from './errors';

/** Lines and columns inside the adapter start at 1; a client may count from 0. */
export class Client {
  readonly progress: boolean;
  readonly invalidated: boolean;
  readonly memory: boolean;
  private readonly lineBase: number;
  private readonly columnBase: number;

  constructor(args: Partial<DebugProtocol.InitializeRequestArguments>) {
    if (args.pathFormat !== undefined && args.pathFormat !== 'path')
      throw new RequestError(`initialize: pathFormat is "${args.pathFormat}"; only "path" is supported.`);
    this.lineBase = args.linesStartAt1 === false ? 0 : 1;
    this.columnBase = args.columnsStartAt1 === false ? 0 : 1;
    this.progress = args.supportsProgressReporting === true;
    this.invalidated = args.supportsInvalidatedEvent === true;
    this.memory = args.supportsMemoryEvent === true;
  }

  lineFrom(clientLine: number): number {
    return clientLine - this.lineBase + 1;
  }

  lineTo(line: number): number {
    return line - 1 + this.lineBase;
  }

  columnFrom(clientColumn: number): number {
    return clientColumn - this.columnBase + 1;
  }

  columnTo(column: number): number {
    return column - 1 + this.columnBase;
  }
}
