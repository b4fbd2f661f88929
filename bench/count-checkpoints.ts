// Notes, after each checkpoint, how many there are and how large they are: in the file that BENCH_CHECKPOINTS names.
import { writeFileSync } from 'node:fs';
import { CheckpointStore } from '../src/machine/checkpoints';

export interface CheckpointFigures {
  readonly count: number;
  readonly bytes: number;
}

const file = process.env['BENCH_CHECKPOINTS'];
const take = Reflect.get(CheckpointStore.prototype, 'take') as (...args: unknown[]) => void;
CheckpointStore.prototype.take = function (this: CheckpointStore<unknown>, ...args: unknown[]): void {
  Reflect.apply(take, this, args);
  const figures: CheckpointFigures = { count: this.size, bytes: this.bytes };
  if (file !== undefined) writeFileSync(file, JSON.stringify(figures));
};
