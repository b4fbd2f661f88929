// The register map of virtio-mmio: offsets, names, directions, and which interface version has which (spec 4.2.2, legacy 4.2.4).

export const REG = {
  magicValue: 0x000,
  version: 0x004,
  deviceId: 0x008,
  vendorId: 0x00c,
  deviceFeatures: 0x010,
  deviceFeaturesSel: 0x014,
  driverFeatures: 0x020,
  driverFeaturesSel: 0x024,
  guestPageSize: 0x028,
  queueSel: 0x030,
  queueSizeMax: 0x034,
  queueSize: 0x038,
  queueAlign: 0x03c,
  queuePfn: 0x040,
  queueReady: 0x044,
  queueNotify: 0x050,
  interruptStatus: 0x060,
  interruptAck: 0x064,
  status: 0x070,
  queueDescLow: 0x080,
  queueDescHigh: 0x084,
  queueDriverLow: 0x090,
  queueDriverHigh: 0x094,
  queueDeviceLow: 0x0a0,
  queueDeviceHigh: 0x0a4,
  shmSel: 0x0ac,
  shmLenLow: 0x0b0,
  shmLenHigh: 0x0b4,
  shmBaseLow: 0x0b8,
  shmBaseHigh: 0x0bc,
  configGeneration: 0x0fc,
  /** device-specific configuration begins here */
  config: 0x100,
} as const;

export interface Register {
  readonly name: string;
  readonly readable: boolean;
  readonly writable: boolean;
}

type Row = readonly [offset: number, direction: 'R' | 'W' | 'RW', legacy: string | null, modern: string | null];

/** Legacy names are those of spec 4.2.4; null: that version has no such register. */
const ROWS: readonly Row[] = [
  [REG.magicValue, 'R', 'MagicValue', 'MagicValue'],
  [REG.version, 'R', 'Version', 'Version'],
  [REG.deviceId, 'R', 'DeviceID', 'DeviceID'],
  [REG.vendorId, 'R', 'VendorID', 'VendorID'],
  [REG.deviceFeatures, 'R', 'HostFeatures', 'DeviceFeatures'],
  [REG.deviceFeaturesSel, 'W', 'HostFeaturesSel', 'DeviceFeaturesSel'],
  [REG.driverFeatures, 'W', 'GuestFeatures', 'DriverFeatures'],
  [REG.driverFeaturesSel, 'W', 'GuestFeaturesSel', 'DriverFeaturesSel'],
  [REG.guestPageSize, 'W', 'GuestPageSize', null],
  [REG.queueSel, 'W', 'QueueSel', 'QueueSel'],
  [REG.queueSizeMax, 'R', 'QueueNumMax', 'QueueSizeMax'],
  [REG.queueSize, 'W', 'QueueNum', 'QueueSize'],
  [REG.queueAlign, 'W', 'QueueAlign', null],
  [REG.queuePfn, 'RW', 'QueuePFN', null],
  [REG.queueReady, 'RW', null, 'QueueReady'],
  [REG.queueNotify, 'W', 'QueueNotify', 'QueueNotify'],
  [REG.interruptStatus, 'R', 'InterruptStatus', 'InterruptStatus'],
  [REG.interruptAck, 'W', 'InterruptACK', 'InterruptACK'],
  [REG.status, 'RW', 'Status', 'Status'],
  [REG.queueDescLow, 'W', null, 'QueueDescLow'],
  [REG.queueDescHigh, 'W', null, 'QueueDescHigh'],
  [REG.queueDriverLow, 'W', null, 'QueueDriverLow'],
  [REG.queueDriverHigh, 'W', null, 'QueueDriverHigh'],
  [REG.queueDeviceLow, 'W', null, 'QueueDeviceLow'],
  [REG.queueDeviceHigh, 'W', null, 'QueueDeviceHigh'],
  [REG.shmSel, 'W', null, 'SHMSel'],
  [REG.shmLenLow, 'R', null, 'SHMLenLow'],
  [REG.shmLenHigh, 'R', null, 'SHMLenHigh'],
  [REG.shmBaseLow, 'R', null, 'SHMBaseLow'],
  [REG.shmBaseHigh, 'R', null, 'SHMBaseHigh'],
  [REG.configGeneration, 'R', null, 'ConfigGeneration'],
];

const mapOf = (name: (row: Row) => string | null): ReadonlyMap<number, Register> => {
  const map = new Map<number, Register>();
  for (const row of ROWS) {
    const called = name(row);
    if (called !== null) map.set(row[0], { name: called, readable: row[1] !== 'W', writable: row[1] !== 'R' });
  }
  return map;
};

const LEGACY = mapOf((row) => row[2]);
const MODERN = mapOf((row) => row[3]);

/** The register at an offset below the configuration space, if that version has one there. */
export function registerAt(version: 1 | 2, offset: number): Register | undefined {
  return (version === 1 ? LEGACY : MODERN).get(offset);
}
