// The registers of virtio-mmio through NetDevice: both versions, the rules of spec 4.2.2, and a driver that scribbles.
import assert from 'node:assert/strict';
import { hostModel } from '../../../src/device';
import { BUFFERS, probe } from './js-driver';
import { MAC_ADDRESS, PHYS, random, Rig } from './rig';

const host = hostModel('qemu-timer');
const MAC = 1n << 5n;
const MRG_RXBUF = 1n << 15n;
/** LAB_NET_F_RX_SKIP */
const RX_SKIP = 1n << 4n;
const STATUS = 1n << 16n;
const NOTIFY_ON_EMPTY = 1n << 24n;
const VERSION_1 = 1n << 32n;

const REG = {
  deviceFeaturesSel: 0x14,
  deviceFeatures: 0x10,
  driverFeatures: 0x20,
  driverFeaturesSel: 0x24,
  guestPageSize: 0x28,
  queueSel: 0x30,
  queueSizeMax: 0x34,
  queueSize: 0x38,
  queueAlign: 0x3c,
  queuePfn: 0x40,
  queueReady: 0x44,
  queueNotify: 0x50,
  interruptStatus: 0x60,
  interruptAck: 0x64,
  status: 0x70,
  queueDescLow: 0x80,
} as const;

/** Violations that one access causes. */
function violations(rig: Rig, access: () => void): string[] {
  rig.violations.length = 0;
  access();
  return [...rig.violations];
}

describe('virtio-mmio registers', () => {
  for (const version of [1, 2] as const) {
    it(`version ${version}: identifies itself, and a driver that probes by the rules breaks none`, () => {
      const rig = new Rig({ host, version, features: MAC | MRG_RXBUF | STATUS });
      assert.equal(rig.read(0), 0x74726976);
      assert.equal(rig.read(4), version);
      assert.equal(rig.read(8), 1);
      assert.equal(rig.read(0xc), 0x554d4551);
      probe(rig);
      assert.deepEqual(rig.violations, []);
      assert.equal(rig.device.running, true);
      assert.equal(rig.device.features, MAC | MRG_RXBUF | STATUS | (version === 1 ? NOTIFY_ON_EMPTY : VERSION_1));
      assert.deepEqual(rig.device.facts(), {
        features: rig.device.features,
        legacy: version === 1,
        mergeable: true,
        eventIdx: false,
        notifyOnEmpty: version === 1,
        rxSkip: false,
        headerLength: 12,
        queueSize: { rx: 256, tx: 256 },
        mac: MAC_ADDRESS,
      });
    });
  }

  it('has a header of 10 bytes on the legacy interface without mergeable buffers, of 12 otherwise, of 16 with what was skipped', () => {
    const header = (version: 1 | 2, features: bigint): number => {
      const rig = new Rig({ host, version, features });
      probe(rig);
      return rig.device.facts().headerLength;
    };
    assert.equal(header(1, 0n), 10);
    assert.equal(header(1, MRG_RXBUF), 12);
    assert.equal(header(2, 0n), 12);
    assert.equal(header(1, MRG_RXBUF | RX_SKIP), 16);
    assert.equal(header(1, RX_SKIP), 10);
  });

  it('puts the legacy ring where QueuePFN, GuestPageSize and QueueAlign say', () => {
    const rig = new Rig({ host });
    probe(rig);
    const layout = rig.device.queueViews()[0]?.layout;
    assert.equal(layout?.desc, BigInt(PHYS) + 0x10000n);
    assert.equal(layout?.avail, BigInt(PHYS) + 0x11000n);
    assert.equal(layout?.used, BigInt(PHYS) + 0x12000n);
  });

  it('shows configuration byte by byte and in wider fields: MAC, then the link', () => {
    const rig = new Rig({ host, features: MAC | STATUS });
    assert.deepEqual(
      [0, 1, 2, 3, 4, 5].map((i) => rig.read(0x100 + i, 1)),
      MAC_ADDRESS,
    );
    assert.equal(rig.read(0x106, 2), 1);
    assert.equal(rig.read(0x100, 4), 0x12005452);
    assert.deepEqual(rig.violations, []);
    assert.match(violations(rig, () => rig.read(0x108, 1))[0] ?? '', /beyond the 8 bytes of configuration/);
    assert.match(violations(rig, () => rig.read(0x101, 2))[0] ?? '', /not aligned/);
  });

  it('lets a legacy driver set its MAC address, and no modern one', () => {
    const legacy = new Rig({ host, features: MAC });
    legacy.write(0x105, 0x99, 1);
    assert.equal(legacy.read(0x105, 1), 0x99);
    probe(legacy);
    assert.deepEqual(legacy.device.facts().mac, MAC_ADDRESS, 'a reset puts the card back');
    const modern = new Rig({ host, version: 2, features: MAC });
    assert.match(violations(modern, () => modern.write(0x105, 0x99, 1))[0] ?? '', /spec 5\.1\.4\.2/);
    assert.equal(modern.read(0x105, 1), 0x56);
  });

  it('takes a size that is no power of two from a driver only where it offers that very one', () => {
    const odd = new Rig({ host, version: 2, queues: { rx: 100, tx: 100 } });
    assert.deepEqual(
      violations(odd, () => odd.write(REG.queueSize, 100)),
      [],
    );
    for (const size of [99, 101, 128])
      assert.match(
        violations(odd, () => odd.write(REG.queueSize, size))[0] ?? '',
        /expected a power of two, at most 100/,
      );
  });

  it('names the register, what was found and what is expected, for every kind of wrong access', () => {
    const legacy = new Rig({ host });
    const modern = new Rig({ host, version: 2 });
    const cases: readonly [Rig, () => void, RegExp][] = [
      [legacy, () => legacy.read(REG.status, 1), /8-bit read at offset 0x70: Status is accessed with 32 bits only/],
      [legacy, () => legacy.read(REG.status + 1, 1), /inside Status; expected 32 bits, aligned, at 0x70/],
      [legacy, () => legacy.read(REG.status, 8), /64-bit read at offset 0x70/],
      [legacy, () => legacy.write(0, 1), /MagicValue is read-only/],
      [legacy, () => legacy.read(REG.queueNotify), /QueueNotify is write-only/],
      [legacy, () => legacy.read(0x1c), /no register is there/],
      [legacy, () => legacy.write(REG.queueReady, 1), /QueueReady belongs to version 2/],
      [modern, () => modern.write(REG.queuePfn, 1), /QueuePFN belongs to the legacy interface/],
      [legacy, () => legacy.write(REG.queueNotify, 7), /QueueNotify = 7: this device has queues 0\.\.1/],
      [legacy, () => legacy.write(REG.queueNotify, 1), /QueueNotify = 1: that queue is not set up/],
      [legacy, () => legacy.write(REG.guestPageSize, 4095), /GuestPageSize = 4095: expected a power of two/],
      [
        legacy,
        () => legacy.write(REG.queuePfn, 16),
        /GuestPageSize and QueueNum and QueueAlign must be written before/,
      ],
      [modern, () => modern.write(REG.queueReady, 1), /QueueSize was never written/],
      [modern, () => modern.write(REG.queueReady, 2), /expected 0 or 1/],
      [
        modern,
        () => modern.write(REG.queueSize, 100),
        /QueueSize = 100 for queue 0: expected a power of two, at most 256/,
      ],
      [modern, () => modern.write(REG.queueSize, 512), /QueueSize = 512 for queue 0/],
      [legacy, () => legacy.write(REG.interruptAck, 4), /InterruptACK = 0x4/],
      [legacy, () => legacy.write(REG.status, 2), /DRIVER without ACKNOWLEDGE/],
      [modern, () => modern.write(REG.status, 7), /DRIVER_OK without FEATURES_OK/],
      [modern, () => modern.write(REG.status, 1), /clears a bit; only a reset does that/],
    ];
    for (const [rig, access, expected] of cases)
      assert.match(violations(rig, access)[0] ?? 'nothing was said', expected);
  });

  it('refuses FEATURES_OK for features never offered, for a lacking VERSION_1, and settles what it accepts', () => {
    const negotiate = (low: number, high: number): { ok: boolean; said: string; rig: Rig } => {
      const rig = new Rig({ host, version: 2, features: MAC });
      rig.write(REG.status, 3);
      rig.write(REG.driverFeaturesSel, 0);
      rig.write(REG.driverFeatures, low);
      rig.write(REG.driverFeaturesSel, 1);
      rig.write(REG.driverFeatures, high);
      const said = violations(rig, () => rig.write(REG.status, 11)).join();
      return { ok: (rig.read(REG.status) & 8) !== 0, said, rig };
    };
    assert.match(negotiate(1 << 15, 1).said, /VIRTIO_NET_F_MRG_RXBUF accepted but never offered/);
    assert.equal(negotiate(1 << 15, 1).ok, false);
    assert.match(negotiate(1 << 5, 0).said, /VIRTIO_F_VERSION_1 not accepted/);
    const good = negotiate(1 << 5, 1);
    assert.equal(good.ok, true);
    assert.match(
      violations(good.rig, () => good.rig.write(REG.driverFeatures, 0))[0] ?? '',
      /features are settled already/,
    );
    assert.equal(good.rig.device.features, MAC | VERSION_1);
  });

  it('ignores, on the legacy interface, features it never offered', () => {
    const rig = new Rig({ host, features: MAC });
    assert.match(
      violations(rig, () => rig.write(REG.driverFeatures, 0x20 | 0x8000))[0] ?? '',
      /MRG_RXBUF was never offered/,
    );
    assert.equal(rig.device.features, MAC);
  });

  it('refuses to move a ring that is in use, and a misaligned one', () => {
    const rig = new Rig({ host, version: 2 });
    probe(rig, { driverOk: false });
    assert.match(violations(rig, () => rig.write(REG.queueDescLow, 0x1000))[0] ?? '', /queue 1 is in use/);
    rig.write(REG.queueReady, 0);
    assert.deepEqual(
      violations(rig, () => rig.write(REG.queueDescLow, PHYS + 0x20008)),
      [],
    );
    assert.match(
      violations(rig, () => rig.write(REG.queueReady, 1))[0] ?? '',
      /descriptor table at 0x40020008, expected a multiple of 16/,
    );
    assert.equal(rig.read(REG.queueReady), 0);
  });

  it('forgets everything at a reset but GuestPageSize, which Linux writes before it resets', () => {
    for (const version of [1, 2] as const) {
      const rig = new Rig({ host, version, features: MAC });
      const fresh = new Rig({ host, version, features: MAC });
      if (version === 1) fresh.write(REG.guestPageSize, 4096);
      const driver = probe(rig);
      driver.tx.add(
        [
          { addr: PHYS + BUFFERS, len: version === 1 ? 10 : 12 },
          { addr: PHYS + BUFFERS + 16, len: 60 },
        ],
        [],
        'skb',
      );
      driver.tx.kick();
      rig.advance(150_000);
      assert.equal(rig.read(REG.interruptStatus), 1);
      rig.write(REG.status, 0);
      assert.deepEqual(rig.device.snapshot(), fresh.device.snapshot());
    }
  });

  it('survives a driver that scribbles over all registers, in any width, with any value', () => {
    for (const version of [1, 2] as const) {
      const next = random(4711 + version);
      const rig = new Rig({ host, version, features: MAC | STATUS | MRG_RXBUF });
      const values = [0, 1, 2, 4, 8, 0xf, 255, 256, 4096, 0x7fffffff, 0x80000000, 0xffffffff];
      for (let n = 0; n < 50_000; n++) {
        const offset = next(4) === 0 ? next(0x1000) : 4 * next(0x48);
        const size = [1, 2, 4, 8][next(8)] ?? 4;
        const value = next(3) === 0 ? next(2 ** 32) : (values[next(values.length)] ?? 0);
        if (next(3) === 0) assert.ok(Number.isInteger(rig.device.read(offset, size)));
        else rig.device.write(offset, size, value);
      }
      assert.ok(rig.violations.length > 1000);
      assert.ok(rig.violations.every((text) => text.length > 20));
      // And it still works for a driver that comes afterwards.
      rig.violations.length = 0;
      probe(rig);
      assert.deepEqual(rig.violations, []);
    }
  });

  it('takes a kick before DRIVER_OK from a legacy driver, and says what a modern one did wrong', () => {
    const legacy = new Rig({ host });
    probe(legacy, { driverOk: false });
    assert.deepEqual(
      violations(legacy, () => legacy.write(REG.queueNotify, 0)),
      [],
    );
    const modern = new Rig({ host, version: 2 });
    probe(modern, { driverOk: false });
    assert.match(violations(modern, () => modern.write(REG.queueNotify, 0))[0] ?? '', /before DRIVER_OK/);
  });
});
