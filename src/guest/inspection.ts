// What a debugger needs of an Inspector: a look into the driver's memory, and what to write there.
import type { Inspector } from './inspector';

/** Methods throw Errors whose messages are for the user. */
export type Inspection = Pick<Inspector, 'locals' | 'statics' | 'globals' | 'evaluate' | 'assign'>;
