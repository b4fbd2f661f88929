// An Inspection over the fake machine's RAM: a few variables at fixed addresses, and a wall of text for everything else.
import type { Inspection } from '../../../src/debug';
import type { FrameRef, Variable } from '../../../src/guest';
import { IDX, NUM_FREE, RING } from './fake-machine';

const RING_LENGTH = 300;

function int(ram: Uint8Array, name: string, evaluateName: string, address: number): Variable {
  const value = new DataView(ram.buffer, ram.byteOffset).getInt32(address, true);
  return {
    name,
    evaluateName,
    type: 'int',
    value: String(value),
    address,
    size: 4,
    namedCount: 0,
    indexedCount: 0,
    memoryReference: `0x${address.toString(16)}`,
    settable: true,
    children: () => [],
  };
}

export class FakeInspector implements Inspection {
  constructor(private readonly ram: Uint8Array) {}

  locals(frame: FrameRef): readonly Variable[] {
    return [this.queue(), int(this.ram, 'head', 'head', frame.base)];
  }

  statics(): readonly Variable[] {
    return [];
  }

  globals(): readonly Variable[] {
    return [this.ring()];
  }

  evaluate(text: string, frame?: FrameRef): Variable {
    const element = /^ring\[(\d+)\]$/.exec(text);
    if (element !== null) return int(this.ram, text, text, RING + 4 * Number(element[1]));
    switch (text) {
      case 'q->num_free':
        return int(this.ram, text, text, NUM_FREE);
      case 'q->idx':
        return int(this.ram, text, text, IDX);
      case 'ring':
        return this.ring();
      case '*q':
      case '*(q)':
        return this.queue();
      case 'head':
        if (frame !== undefined) return int(this.ram, text, text, frame.base);
        break;
      case '1 + 1':
        return { ...int(this.ram, text, text, NUM_FREE), value: '2', address: undefined, settable: false };
    }
    throw new Error(`no symbol "${text}" in this scope`);
  }

  assign(target: string, value: string, frame?: FrameRef) {
    const { address } = this.evaluate(target, frame);
    const number = /^-?\d+$/.test(value) ? Number(value) : Number(this.evaluate(value, frame).value);
    if (address === undefined) throw new Error(`"${target}" is no place in memory`);
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setInt32(0, number, true);
    return { address, bytes, text: `${target} = ${value}` };
  }

  private queue(): Variable {
    const members = (): readonly Variable[] => [
      int(this.ram, 'num_free', 'q->num_free', NUM_FREE),
      int(this.ram, 'idx', 'q->idx', IDX),
    ];
    return {
      ...int(this.ram, '*q', '*q', NUM_FREE),
      type: 'struct queue',
      value: '{…}',
      size: 8,
      namedCount: 2,
      settable: false,
      children: members,
    };
  }

  private ring(): Variable {
    return {
      ...int(this.ram, 'ring', 'ring', RING),
      type: 'int[300]',
      value: '{…}',
      size: 4 * RING_LENGTH,
      indexedCount: RING_LENGTH,
      settable: false,
      children: (start = 0, count = RING_LENGTH) =>
        Array.from({ length: Math.min(count, RING_LENGTH - start) }, (_, i) =>
          int(this.ram, `[${start + i}]`, `ring[${start + i}]`, RING + 4 * (start + i)),
        ),
    };
  }
}
