// GuestMemory: every access checked, faults that say what was wrong, and the watch called where pages are marked.
import assert from 'node:assert/strict';
import { DmaFault, GuestMemory } from '../../../src/device';

const RAM = 0x10000;

function memory(physOffset: bigint): { memory: GuestMemory; pages: Uint8Array; calls: string[] } {
  const pages = new Uint8Array(RAM / 4096);
  const calls: string[] = [];
  const ram = new Uint8Array(new SharedArrayBuffer(RAM));
  const watch = {
    pages,
    beforeWrite: (pointer: number, size: number) => void calls.push(`before ${pointer}/${size} ${ram[pointer]}`),
    wrote: (pointer: number, size: number, before: number, after: number) =>
      void calls.push(`wrote ${pointer}/${size} ${before}->${after}`),
    wroteBytes: (pointer: number, before: Uint8Array) => void calls.push(`bytes ${pointer} was ${before.join(',')}`),
  };
  return { memory: new GuestMemory(ram, physOffset, watch), pages, calls };
}

const fault = (access: () => unknown): DmaFault => {
  try {
    access();
  } catch (error) {
    assert.ok(error instanceof DmaFault, String(error));
    return error;
  }
  return assert.fail('no DmaFault was thrown');
};

describe('GuestMemory', () => {
  for (const offset of [0n, 0x40000000n, 0x1_0000_0000n]) {
    it(`reads and writes little-endian through guest-physical addresses, RAM at 0x${offset.toString(16)}`, () => {
      const { memory: m } = memory(offset);
      const at = Number(offset) + 0x2001;
      m.writeU16(at, 0x1234);
      m.writeU32(at + 2, 0xdeadbeef);
      assert.deepEqual([...m.ram.subarray(0x2001, 0x2007)], [0x34, 0x12, 0xef, 0xbe, 0xad, 0xde]);
      assert.equal(m.readU16(at), 0x1234);
      assert.equal(m.readU32(at + 2), 0xdeadbeef);
      m.writeBytes(at, Uint8Array.of(1, 2, 3, 4, 0, 0, 0, 0));
      assert.equal(m.readAddress(at, 1, false), 0x04030201);
      const copy = m.readBytes(at, 4);
      m.writeU16(at, 0);
      assert.deepEqual([...copy], [1, 2, 3, 4]);
    });
  }

  it('takes the last byte of RAM and not the one behind it', () => {
    const { memory: m } = memory(0x40000000n);
    m.writeU16(0x40000000 + RAM - 2, 7);
    assert.equal(m.readU16(0x40000000 + RAM - 2), 7);
    assert.match(fault(() => m.readU16(0x40000000 + RAM - 1)).message, /runs over the end of RAM/);
    assert.match(fault(() => m.writeU32(0x40000000 + RAM, 1)).message, /0x40010000 \(4 bytes\) is no RAM/);
  });

  it('asks for virt_to_phys() when the address is a valid pointer', () => {
    const { memory: m } = memory(0x40000000n);
    const error = fault(() => m.readBytes(0x1234, 64));
    assert.equal(
      error.message,
      'guest-physical 0x1234 (64 bytes) is no RAM (RAM is 0x40000000..0x40010000); it is a valid pointer: was virt_to_phys() forgotten?',
    );
    assert.deepEqual([error.addr, error.size, error.write], [0x1234n, 64, false]);
  });

  it('refuses the NULL page', () => {
    const { memory: m } = memory(0x40000000n);
    assert.match(fault(() => m.writeU16(0x40000010, 1)).message, /NULL page/);
    m.writeU16(0x40001000, 1);
  });

  it('names a 64-bit address that no number can hold', () => {
    const { memory: m } = memory(0x40000000n);
    m.writeBytes(0x40002000, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0xff));
    const error = fault(() => m.readAddress(0x40002000, 10, true));
    assert.equal(error.addr, 0xff00000000000001n);
    assert.equal(error.write, true);
  });

  it('calls the watch before and after a write to a marked page only', () => {
    const { memory: m, pages, calls } = memory(0n);
    pages[3] = 2;
    m.writeU16(0x2000, 5);
    m.writeBytes(0x2000, Uint8Array.of(9, 9));
    assert.deepEqual(calls, []);
    m.writeU16(0x3000, 5);
    m.writeU32(0x3004, 6);
    m.writeU16(0x3000, 7);
    // Begins on an unmarked page and runs into the marked one.
    m.writeBytes(0x2fff, Uint8Array.of(1, 2));
    assert.deepEqual(calls, [
      'before 12288/2 0',
      'wrote 12288/2 0->5',
      'before 12292/4 0',
      'wrote 12292/4 0->6',
      'before 12288/2 5',
      'wrote 12288/2 5->7',
      'before 12287/2 0',
      'bytes 12287 was 0,7',
    ]);
  });

  it('writes nothing when the watch refuses', () => {
    const ram = new Uint8Array(RAM);
    const refusing = new GuestMemory(ram, 0n, {
      pages: new Uint8Array(RAM / 4096).fill(1),
      beforeWrite: (pointer, size) => {
        throw new DmaFault(BigInt(pointer), size, true, 'protected');
      },
      wrote: () => assert.fail('written'),
      wroteBytes: () => assert.fail('written'),
    });
    for (const write of [
      () => refusing.writeU16(0x2000, 1),
      () => refusing.writeU32(0x2000, 1),
      () => refusing.writeBytes(0x2000, Uint8Array.of(1)),
    ])
      assert.equal(fault(write).message, 'protected');
    assert.ok(ram.every((byte) => byte === 0));
  });

  it('refuses a physOffset that would put RAM beyond what numbers can name', () => {
    assert.throws(() => memory(1n << 53n), RangeError);
  });
});
