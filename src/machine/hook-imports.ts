// What the hooks call (toolchain/runtime/hooks.h), handed to the machine.
import { MMIO_BASE, MMIO_SIZE } from './guest-calls';
import type { Machine } from './machine';

/** The hooks' part of the imports of module "lab". */
export function hookImports(machine: Machine): Record<string, (...args: never[]) => unknown> {
  const { cpu } = machine;
  return {
    due: (site: number): void => {
      cpu.sync();
      machine.atLine(site >>> 0);
    },
    due_store: (): void => {
      cpu.sync();
      machine.afterStore();
    },
    drain: (): void => cpu.drain(),
    protect: (address: number, size: number): void => {
      cpu.sync();
      machine.trap(...wildStore(address >>> 0, size >>> 0, cpu.ram.length));
    },
    watch: (address: number, size: number): void => {
      cpu.sync();
      machine.stops.watched(address >>> 0, size >>> 0, 'driver', 1);
    },
    load: (address: number): void => {
      cpu.sync();
      machine.rings.decisionRead(address >>> 0);
    },
    null_load: (address: number, size: number): void => {
      cpu.sync();
      machine.trap(
        'null-dereference',
        `NULL pointer dereference: reads ${size} bytes at 0x${(address >>> 0).toString(16)}`,
      );
    },
    overflow: (): void => {
      cpu.sync();
      machine.trap('stack-overflow', 'kernel stack overflow: 16 KiB of stack, or 1000 nested calls, are used up');
    },
    endless: (): void => {
      cpu.sync();
      machine.trap('endless-loop', 'a loop in code that is not stepped never ends');
    },
  };
}

function wildStore(address: number, size: number, ramSize: number): ['null-dereference' | 'wild-store', string] {
  const at = `0x${address.toString(16)}`;
  if (address < 4096) return ['null-dereference', `NULL pointer dereference: writes ${size} bytes at ${at}`];
  if (address + size > MMIO_BASE && address < MMIO_BASE + MMIO_SIZE)
    return ['wild-store', `plain store of ${size} bytes to the device's registers at ${at}: use writel()`];
  const poison = (address >>> 0).toString(16).startsWith('6b6b6b')
    ? '; this is slab poison: a pointer was read from freed memory'
    : '';
  if (address + size > ramSize)
    return ['wild-store', `store of ${size} bytes at ${at}, beyond RAM (0x${ramSize.toString(16)} bytes)${poison}`];
  return ['wild-store', `store of ${size} bytes at ${at}, in memory that belongs to the lab`];
}
