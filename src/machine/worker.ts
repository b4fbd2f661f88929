// The machine's worker: a session on one end of a port, blocked while it waits for commands; or headless runs, one after another.
import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import type { Program } from '../toolchain';
import { expressionCompiler } from './expressions';
import { runHeadless } from './headless';
import {
  CONTROL,
  type FromHeadless,
  type HeadlessData,
  type HeadlessRequest,
  type Request,
  type WorkerData,
} from './messages';
import { Session, type Channel } from './session';
import type { MachineSetup } from './setup';

type Debugged = WorkerData & { readonly port: MessagePort };

const data = workerData as Debugged | HeadlessData;

if ('headless' in data) headless();
else session(data);

function session({ port, ...rest }: Debugged): never {
  const control = new Int32Array(rest.control);
  const channel: Channel = {
    wait() {
      for (;;) {
        const seen = Atomics.load(control, CONTROL.messages);
        const request = this.poll();
        if (request !== undefined) return request;
        Atomics.wait(control, CONTROL.messages, seen);
      }
    },
    poll: () => receiveMessageOnPort(port)?.message as Request | undefined,
    post: (message) => parentPort?.postMessage(message),
    takeCancel: () => Atomics.exchange(control, CONTROL.cancel, 0) !== 0,
    takePause: () => Atomics.exchange(control, CONTROL.pause, 0) !== 0,
  };
  return new Session(rest, channel, (memory) => expressionCompiler(rest.setup.program, memory)).main();
}

function headless(): void {
  const programs = new Map<string, Program>();
  parentPort?.on('message', ({ program, setup, ...how }: HeadlessRequest) => {
    if (typeof program !== 'string') programs.set(program.hash, program);
    const known = typeof program === 'string' ? programs.get(program) : program;
    if (known === undefined) throw new Error('a program was asked for that this worker does not have');
    runOnce({ ...setup, program: known }, how);
  });
}

function runOnce(setup: MachineSetup, { keepLog, level }: Pick<HeadlessRequest, 'keepLog' | 'level'>): void {
  const post = (message: FromHeadless): void => parentPort?.postMessage(message);
  const {
    ram: _ram,
    runtimePages: _pages,
    ...result
  } = runHeadless(setup, {
    keepLog,
    ...(level === undefined ? {} : { level }),
    onOutput: (output) => post({ type: 'output', output }),
  });
  post({ type: 'result', result });
}
