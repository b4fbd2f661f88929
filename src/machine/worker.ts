// The machine's worker: a session on one end of a port, blocked while it waits for commands.
import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import { expressionCompiler } from './expressions';
import { CONTROL, type Request, type WorkerData } from './messages';
import { Session, type Channel } from './session';

const data = workerData as WorkerData & { readonly port: MessagePort };
const control = new Int32Array(data.control);

const channel: Channel = {
  wait() {
    for (;;) {
      const seen = Atomics.load(control, CONTROL.messages);
      const request = this.poll();
      if (request !== undefined) return request;
      Atomics.wait(control, CONTROL.messages, seen);
    }
  },
  poll: () => receiveMessageOnPort(data.port)?.message as Request | undefined,
  post: (message) => parentPort?.postMessage(message),
  takeCancel: () => Atomics.exchange(control, CONTROL.cancel, 0) !== 0,
  takePause: () => Atomics.exchange(control, CONTROL.pause, 0) !== 0,
};

new Session(data, channel, (memory) => expressionCompiler(data.setup.program, memory)).main();
