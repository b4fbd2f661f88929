// The adapter as a process on stdio, over the real machine, with a setup instead of a scenario: what a DAP client talks to.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize } from 'node:v8';
import { serve } from '../src/debug';
import { Inspector } from '../src/guest';
import { createMachine, type MachineSetup } from '../src/machine';
import type { Launcher } from '../src/scenario';
import { readDebugInfo } from '../src/toolchain';

const [setupFile, workerPath, drivers] = process.argv.slice(2);
if (setupFile === undefined || workerPath === undefined || drivers === undefined)
  throw new Error('usage: adapter <file of a serialized MachineSetup> <worker> <drivers folder>');

const launcher: Launcher = {
  async launch() {
    const setup = deserialize(readFileSync(setupFile)) as MachineSetup;
    const { program } = setup;
    const machine = await createMachine(setup, workerPath);
    return {
      program,
      machine,
      inspector: new Inspector(program, readDebugInfo(program.wasm), () => machine.ram),
      title: 'bench',
      hostSources: join(drivers, '../dist/hosts'),
      sourcePath: (file) => {
        const origin = program.files[file]?.origin;
        const path = origin && (origin.kind === 'disk' ? origin.path : join(drivers, origin.path));
        return path !== undefined && existsSync(path) ? path : undefined;
      },
      notices: [],
      save: () => Promise.reject(new Error('the bench has no scenario')),
      sourceText: () => Promise.reject(new Error('every source is on disk')),
    };
  },
  prepare: () => Promise.reject(new Error('the bench debugs')),
};

serve({ launcher }, process.stdin, process.stdout);
