// Output: printk, log points, findings and notices as lines of the debug console, each with its time and its place.
import { OutputEvent } from '@vscode/debugadapter';
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { MachineOutput } from '../machine';
import type { Program } from '../toolchain';
import type { Client } from './client';
import type { Sources } from './sources';
import { stamp } from './words';

/** Console categories: VS Code shows `stderr` as an error, `console` as a warning and `stdout` as plain text. */
type Category = 'stderr' | 'console' | 'stdout';

/** printk's KERN_ERR and worse are errors, KERN_WARNING is a warning. */
const KERN_ERR = 3;
const KERN_WARNING = 4;

function category(output: MachineOutput): Category {
  switch (output.kind) {
    case 'printk': {
      // a printk without a level has the default one, KERN_WARNING in 2.6.31
      const level = output.level ?? KERN_WARNING;
      return level <= KERN_ERR ? 'stderr' : level === KERN_WARNING ? 'console' : 'stdout';
    }
    case 'finding':
      return 'stderr';
    case 'notice':
      return 'console';
    case 'log':
      return 'stdout';
  }
}

/** One output of the machine as an event. The machine never repeats one in a replay, so neither does the console. */
export function outputEvent(
  output: MachineOutput,
  program: Program,
  sources: Sources,
  client: Client,
): DebugProtocol.OutputEvent {
  const text = output.text.replace(/\n+$/, '');
  const line = output.kind === 'notice' ? text : `${stamp(output.timeNs)} ${text}`;
  const event: DebugProtocol.OutputEvent = new OutputEvent(`${line}\n`, category(output));
  const site = output.site === undefined ? undefined : program.sites[output.site];
  if (site !== undefined) {
    event.body.source = sources.source(site.file);
    event.body.line = client.lineTo(site.line);
    if (site.column > 0) event.body.column = client.columnTo(site.column);
  }
  if (output.host !== undefined) {
    event.body.source = sources.hostSource(output.host.file);
    event.body.line = client.lineTo(output.host.line);
  }
  return event;
}

/** A line of the adapter itself. */
export function plainOutput(text: string, as: Category | 'important'): DebugProtocol.OutputEvent {
  return new OutputEvent(text.endsWith('\n') ? text : `${text}\n`, as);
}
