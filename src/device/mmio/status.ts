// Device status, reset and feature negotiation of virtio-mmio (spec 2.1, 2.2, 3.1).
import { featureNames, missingDependency, VERSION_1 } from '../features';
import { DRIVER_OK, FEATURES_OK, STATUS_BITS, statusProblems } from '../status';
import { hex, NOTHING, violation, type DeviceIdentity, type TransportEffect } from '../transport';
import { REG, registerAt } from './registers';
import { freshRegisters, type MmioState } from './state';

/**
 * Status = 0: everything is as at power-on, but for GuestPageSize: Linux's virtio_mmio_probe() writes it before the core
 * resets the device, and QEMU's virtio_mmio_soft_reset() keeps guest_page_shift for that.
 */
export function reset(identity: DeviceIdentity, state: MmioState): readonly TransportEffect[] {
  const from = state.status;
  Object.assign(state, { ...freshRegisters(identity), guestPageSize: state.guestPageSize });
  return from === 0 ? [{ kind: 'reset' }] : [{ kind: 'reset' }, { kind: 'status', from, to: 0 }];
}

/** Status = anything else. */
export function setStatus(identity: DeviceIdentity, state: MmioState, value: number): readonly TransportEffect[] {
  const from = state.status;
  const problems = statusProblems(identity.version, from, value);
  let to = value & STATUS_BITS;
  if (identity.version === 1) to &= ~FEATURES_OK;
  else if ((to & FEATURES_OK) !== 0 && (from & FEATURES_OK) === 0) {
    const refused = featuresRefused(identity, state.driverFeatures);
    if (refused !== undefined) {
      problems.push(refused);
      to &= ~FEATURES_OK;
    }
  }
  state.status = to;
  const effects: TransportEffect[] = problems.map((text) => ({ kind: 'violation', text }));
  if (to !== from) effects.push({ kind: 'status', from, to });
  return effects;
}

/** Why the device does not take a set of features at FEATURES_OK, or undefined (spec 2.2.1, 3.1.1, 6.1). */
function featuresRefused(identity: DeviceIdentity, accepted: bigint): string | undefined {
  const extra = accepted & ~identity.features;
  if (extra !== 0n)
    return `FEATURES_OK refused: ${featureNames(extra).join(', ')} accepted but never offered (spec 2.2.1)`;
  if ((accepted & VERSION_1) === 0n)
    return `FEATURES_OK refused: VIRTIO_F_VERSION_1 not accepted; a version 2 device has no legacy interface (spec 4.2.2, 6.1)`;
  const missing = missingDependency(accepted);
  return missing === undefined ? undefined : `FEATURES_OK refused: ${missing.text}`;
}

/** DriverFeatures. */
export function acceptFeatures(identity: DeviceIdentity, state: MmioState, value: number): readonly TransportEffect[] {
  const name = registerAt(identity.version, REG.driverFeatures)?.name ?? '';
  if ((state.status & (FEATURES_OK | DRIVER_OK)) !== 0)
    return violation(
      `${name} = ${hex(value)}: features are settled already, Status is ${hex(state.status)} (spec 3.1.1)`,
    );
  const select = state.driverFeaturesSel;
  if (select > 1)
    return value === 0
      ? NOTHING
      : violation(`${name} = ${hex(value)} with ${name}Sel = ${select}: there are words 0 and 1 (spec 4.2.2)`);
  const word = BigInt(value) << BigInt(32 * select);
  const rest = state.driverFeatures & ~(0xffffffffn << BigInt(32 * select));
  // A version 2 device answers at FEATURES_OK; a legacy one can only ignore what it did not offer, as QEMU does.
  const extra = identity.version === 1 ? word & ~identity.features : 0n;
  state.driverFeatures = rest | (word & ~extra);
  const effects: TransportEffect[] = [{ kind: 'features', accepted: state.driverFeatures }];
  if (extra !== 0n)
    effects.push({
      kind: 'violation',
      text: `${name} = ${hex(value)}: ${featureNames(extra).join(', ')} was never offered; ignored (spec 2.2.1)`,
    });
  return effects;
}
