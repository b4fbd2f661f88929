// gdb on the native build through its machine interface: the same steps and questions, for comparison.
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { which } from '../scripts/lib/system.mjs';
import { Skip } from './part';

/** A gdb with MI on its stdio. One command at a time. */
export class Gdb {
  private buffer = '';
  private seen: (line: string) => void = () => undefined;

  private constructor(private readonly process: ChildProcessWithoutNullStreams) {
    process.stdout.on('data', (chunk: Buffer) => {
      const lines = (this.buffer + chunk.toString()).split('\n');
      this.buffer = lines.pop() ?? '';
      for (const line of lines) this.seen(line);
    });
  }

  /** @throws Skip when there is no gdb */
  static start(program: string): Gdb {
    const gdb = which('gdb');
    if (gdb === undefined) throw new Skip('no comparison with gdb: apt-get install gdb');
    return new Gdb(spawn(gdb, ['--interpreter=mi3', '--nx', '-q', program]));
  }

  /** Waits for a line of this class: `^done`, or `*stopped` for a command that runs the program. */
  private send(command: string, until: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      this.seen = (line) => {
        if (line.startsWith('^error')) reject(new Error(`gdb: ${command}: ${line}`));
        else if (until.test(line)) resolve(line);
      };
      this.process.stdin.write(`${command}\n`);
    });
  }

  ask(command: string): Promise<string> {
    return this.send(command, /^\^done/);
  }

  /** Runs the program until it stops. */
  move(command: string): Promise<string> {
    return this.send(command, /^\*stopped/);
  }

  /** What an editor asks for at a stop. */
  async look(): Promise<void> {
    await this.ask('-stack-list-frames 0 19');
    await this.ask('-stack-list-variables --simple-values');
  }

  end(): void {
    this.process.kill();
  }
}
