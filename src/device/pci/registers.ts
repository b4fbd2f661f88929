// The register map of a legacy virtio-pci device, without MSI-X: I/O ports of BAR 0 (spec 4.1.4.8).

export const REG = {
  hostFeatures: 0,
  guestFeatures: 4,
  queuePfn: 8,
  queueNum: 12,
  queueSel: 14,
  queueNotify: 16,
  status: 18,
  isr: 19,
  /** device-specific configuration begins here */
  config: 20,
} as const;

export interface Register {
  readonly name: string;
  /** bytes: an access has just this size */
  readonly size: 1 | 2 | 4;
  readonly writable: boolean;
}

const row = (name: string, size: 1 | 2 | 4, writable: boolean): Register => ({ name, size, writable });

const REGISTERS: ReadonlyMap<number, Register> = new Map([
  [REG.hostFeatures, row('Device Features', 4, false)],
  [REG.guestFeatures, row('Driver Features', 4, true)],
  [REG.queuePfn, row('Queue Address', 4, true)],
  [REG.queueNum, row('Queue Size', 2, false)],
  [REG.queueSel, row('Queue Select', 2, true)],
  [REG.queueNotify, row('Queue Notify', 2, true)],
  [REG.status, row('Device Status', 1, true)],
  [REG.isr, row('ISR Status', 1, false)],
]);

/** The register that begins at an offset below the configuration space. */
export const registerAt = (offset: number): Register | undefined => REGISTERS.get(offset);
