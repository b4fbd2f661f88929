// The event log as it is written: in pieces, so that a long run neither fills memory nor makes a system call an event.
import { closeSync, openSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Environment } from './environment';

/** What writes a file that an option names. @throws Error that names option, file and reason */
export function writable<T>(option: string, path: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${option}: ${path} cannot be written: ${why}`, { cause: error });
  }
}

export interface LogFile {
  write(text: string): void;
  close(): void;
}

/** characters */
const PIECE = 1 << 16;

/**
 * Opens a log.
 * @param path `-`: stdout
 * @throws Error that names option, file and reason
 */
export function openLog(path: string, env: Pick<Environment, 'cwd' | 'out'>): LogFile {
  const file = path === '-' ? undefined : writable('--log', path, () => openSync(resolve(env.cwd, path), 'w'));
  let pending: string[] = [];
  let length = 0;
  const flush = (): void => {
    const text = pending.join('');
    pending = [];
    length = 0;
    if (file === undefined) env.out(text);
    else for (let bytes = Buffer.from(text); bytes.length > 0;) bytes = bytes.subarray(writeSync(file, bytes));
  };
  return {
    write(text) {
      pending.push(text);
      length += text.length;
      if (length >= PIECE) flush();
    },
    close() {
      flush();
      if (file !== undefined) closeSync(file);
    },
  };
}
