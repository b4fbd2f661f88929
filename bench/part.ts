// What a part of the bench is: a name to ask for, and figures; or a reason why it cannot be measured here.
import type { Figure } from './figures';

export interface Part {
  /** argument of `npm run bench` */
  readonly name: string;
  readonly title: string;
  /** @throws Skip when a tool is missing */
  measure(say: (line: string) => void): Promise<readonly Figure[]>;
}

/** A part, or half of one, cannot be measured on this machine. The message says what is missing. */
export class Skip extends Error {}
