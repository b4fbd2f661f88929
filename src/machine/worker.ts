// The machine's worker: a session on one end of a port, blocked while it waits for commands; or one headless run.
import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import { expressionCompiler } from './expressions';
import { RunCancelled, runHeadless } from './headless';
import { CONTROL, type FromHeadless, type HeadlessData, type Request, type WorkerData } from './messages';
import { Session, type Channel } from './session';

type Debugged = WorkerData & { readonly port: MessagePort };

const data = workerData as Debugged | HeadlessData;
const control = new Int32Array(data.control);

if ('headless' in data) headless(data);
else session(data);

function session({ port, ...rest }: Debugged): never {
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

function headless({ setup, keepLog, level }: HeadlessData): void {
  const post = (message: FromHeadless): void => parentPort?.postMessage(message);
  try {
    const {
      ram: _ram,
      runtimePages: _pages,
      ...result
    } = runHeadless(setup, {
      keepLog,
      ...(level === undefined ? {} : { level }),
      onOutput: (output) => post({ type: 'output', output }),
      cancelled: () => Atomics.load(control, CONTROL.cancel) !== 0,
    });
    post({ type: 'result', result });
  } catch (error) {
    if (!(error instanceof RunCancelled)) throw error;
    post({ type: 'cancelled' });
  }
}
