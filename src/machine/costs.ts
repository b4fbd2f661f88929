// What things cost in virtual nanoseconds: the machine's model of time. A scenario may override any of these by name.
//
// The numbers are a model, not a measurement of any machine: they are chosen so that the ratios of 2009 hold (an exit to
// user space costs a thousand source lines and more; a wake-up costs several exits), which is what suppression is about.

export interface Costs {
  /** One tick of the driver: a source line, or a store to a ring page (a cache line that the other side holds). */
  readonly line: number;
  /** A heavy VM exit, handled in user space with the vCPU blocked: QEMU without ioeventfd. About 2 µs of world switch and 3 µs of ioctl return and dispatch on a CPU of 2009. */
  readonly exitSynchronous: number;
  /** A light VM exit, handled in the kernel: an eventfd is signalled and the vCPU goes on. */
  readonly exitLight: number;
  /** From the signalled eventfd until the host thread that reads it runs: a scheduler wake-up on another CPU. */
  readonly eventfdWake: number;
  /** From a host timer's expiry, or a readable tap, until select() has returned in the thread that waits. */
  readonly hostWake: number;
  /** Injecting an interrupt and entering the guest's vector. */
  readonly injection: number;
  /** One look of the host at a ring field: a cache line that the guest has just written. */
  readonly hostRead: number;
  /** One store of the host to a ring. */
  readonly hostWrite: number;
  /** Following one descriptor, mapping its address (cpu_physical_memory_map) included. */
  readonly hostDescriptor: number;
  /** writev() or readv() on the tap: system call and the network stack behind it. */
  readonly hostTap: number;
  /** select() on one descriptor: a system call that looks, and copies its sets in and out; sleeping comes on top. */
  readonly hostSelect: number;
  /** Copying, per 16 bytes, on either side. */
  readonly copyPer16: number;
  /** A piece of a packet that the host reads or writes at an address that is no multiple of 4, on top: nothing for a CPU that copies; set it for a host that does DMA. */
  readonly unaligned: number;
  /** A word of an IP header that the guest's stack loads at an address that is no multiple of 4: nothing on x86; set it for a CPU that takes a trap. */
  readonly guestUnaligned: number;
  /** Arming or deleting a host timer: timer_settime(). */
  readonly hostTimer: number;
  /** Raising the interrupt line from user space: ioctl(KVM_IRQ_LINE). */
  readonly hostInterrupt: number;
  /** A call of memcpy, memset or the checksum besides its bytes; kmalloc and kfree, which are not stepped. */
  readonly memcpy: number;
  readonly memset: number;
  readonly checksum: number;
  readonly alloc: number;
  readonly free: number;
  /** A vCPU that runs this long without coming to rest is taken for an endless loop (as Linux's soft lockup watchdog, scaled down). */
  readonly softLockup: number;
}

export const DEFAULT_COSTS: Costs = {
  line: 1,
  exitSynchronous: 5000,
  exitLight: 1200,
  eventfdWake: 4000,
  hostWake: 2000,
  injection: 1500,
  hostRead: 30,
  hostWrite: 30,
  hostDescriptor: 60,
  hostTap: 1500,
  hostSelect: 600,
  copyPer16: 2,
  unaligned: 0,
  guestUnaligned: 0,
  hostTimer: 300,
  hostInterrupt: 700,
  memcpy: 10,
  memset: 10,
  checksum: 15,
  alloc: 40,
  free: 30,
  softLockup: 500_000_000,
};

/**
 * DEFAULT_COSTS with a scenario's overrides.
 * @throws RangeError naming the cost, when a name is unknown or a value is no integer of at least 0 (at least 1 for `line`: time must pass).
 */
export function costsWith(overrides: Readonly<Record<string, number>>): Costs {
  const costs: Record<string, number> = { ...DEFAULT_COSTS };
  for (const [name, value] of Object.entries(overrides)) {
    if (!(name in DEFAULT_COSTS))
      throw new RangeError(`costs.${name}: no such cost; there are ${Object.keys(DEFAULT_COSTS).join(', ')}`);
    const least = name === 'line' || name === 'softLockup' ? 1 : 0;
    if (!Number.isSafeInteger(value) || value < least)
      throw new RangeError(`costs.${name}: found ${value}, expected a whole number of ns, at least ${least}`);
    costs[name] = value;
  }
  return costs as unknown as Costs;
}

/** What code of the guest that is not stepped costs: for a call, and for each 16 bytes begun; by LAB_COST_* of lab/machine.h. */
export function guestCharges(costs: Costs): readonly (readonly [call: number, per16: number])[] {
  return [
    [costs.memcpy, costs.copyPer16],
    [costs.memset, costs.copyPer16],
    [costs.checksum, costs.copyPer16],
    [costs.alloc, 0],
    [costs.free, 0],
    [costs.guestUnaligned, 0],
  ];
}
