// Shapes and fields in few words: what the specifications of file formats are written with. Pure.
import type { Field, RecordShape, Shape } from './shape';

/** 11 days; far above, times in ns are no longer exact numbers */
export const MAX_NS = 1e15;

/**
 * @param expected what messages say of it
 * @param max characters
 * @param known texts that editors offer
 */
export const text = (expected: string, max: number, pattern?: RegExp, known?: readonly string[]): Shape => ({
  kind: 'text',
  expected,
  max,
  pattern,
  known,
});
export const integer = (min: number, max: number, unit?: string): Shape => ({ kind: 'integer', min, max, unit });
export const ns = integer(0, MAX_NS, 'ns');
export const flag: Shape = { kind: 'flag' };
export const choice = (...values: readonly (string | number)[]): Shape => ({ kind: 'choice', values });
export const list = (of: Shape, min: number, max: number): Shape => ({ kind: 'list', of, min, max });
export const record = (fields: RecordShape['fields']): RecordShape => ({ kind: 'record', fields });

export const required = (shape: Shape, description: string): Field => ({ shape, description, absent: 'required' });
export const optional = (shape: Shape, description: string): Field => ({ shape, description, absent: 'omitted' });
/** A field that has this value when it is left out. */
export const or = (value: unknown, shape: Shape, description: string): Field => ({
  shape,
  description,
  absent: { value },
});

/** A path that goes with the file wherever it is copied. */
export const relative = (what: string): Shape =>
  text(`the path of ${what}, relative to this file`, 1000, /^(?![/\\]|[A-Za-z]:)[^\0]+$/);

export const capital = (sentence: string): string => sentence.charAt(0).toUpperCase() + sentence.slice(1);
