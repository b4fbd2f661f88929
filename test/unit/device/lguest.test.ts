// lguest's transport through NetDevice: the page of descriptors, hypercalls, rings that are the Launcher's, a guest that scribbles.
import assert from 'node:assert/strict';
import { ACKNOWLEDGE, DRIVER, DRIVER_OK, hostModel } from '../../../src/device';
import { MAC_ADDRESS, PHYS, RAM_SIZE, random, Rig } from './rig';

const host = hostModel('qemu-timer');
const MAC = 1n << 5n;
const NOTIFY_ON_EMPTY = 1n << 24n;
const NOTIFY = 17;
/** the page, and two rings of 16 entries: two pages each */
const PAGES = 5;
const PAGE = RAM_SIZE - 4096 * PAGES;
const RINGS = [PAGE + 0x1000, PAGE + 0x3000] as const;
/** in the page: status, features offered and accepted (struct lguest_device_desc, two vqconfigs) */
const AT = { status: 4, offered: 21, accepted: 25, config: 29 } as const;

const rigOf = (): Rig => new Rig({ host, transport: 'lguest', features: MAC, queues: { rx: 16, tx: 16 } });
const phys = (pointer: number): bigint => BigInt(PHYS + pointer);

function setStatus(rig: Rig, status: number): void {
  rig.ram[PAGE + AT.status] = status;
  rig.hypercall(NOTIFY, phys(PAGE));
}

function probe(rig: Rig): void {
  setStatus(rig, 0);
  setStatus(rig, ACKNOWLEDGE);
  setStatus(rig, ACKNOWLEDGE | DRIVER);
  rig.ram.copyWithin(PAGE + AT.accepted, PAGE + AT.offered, PAGE + AT.offered + 4);
  setStatus(rig, ACKNOWLEDGE | DRIVER | DRIVER_OK);
}

describe("lguest's transport", () => {
  it('describes device and queues in the first page behind the guest’s memory', () => {
    const rig = rigOf();
    assert.equal(rig.device.reservedPages, PAGES);
    const page = new DataView(rig.ram.buffer, PAGE, 4096);
    assert.deepEqual(
      [...rig.ram.subarray(PAGE, PAGE + 5)],
      [1, 2, 4, 6, 0],
      'a network device, 2 queues, 4 bytes of features, 6 of configuration, status 0',
    );
    const queue = (i: number): number[] => [
      page.getUint16(5 + 8 * i, true),
      page.getUint16(7 + 8 * i, true),
      4096 * page.getUint32(9 + 8 * i, true),
    ];
    assert.deepEqual(queue(0), [16, 1, PHYS + RINGS[0]]);
    assert.deepEqual(queue(1), [16, 2, PHYS + RINGS[1]]);
    assert.equal(BigInt(page.getUint32(AT.offered, true)), MAC | NOTIFY_ON_EMPTY);
    assert.deepEqual([...rig.ram.subarray(PAGE + AT.config, PAGE + AT.config + 6)], MAC_ADDRESS);
    assert.equal(rig.ram[PAGE + AT.config + 6], 0, 'no device comes after it');
  });

  it('learns of status and features by the hypercall, and hands kicks on by the ring’s address', () => {
    const rig = rigOf();
    probe(rig);
    assert.deepEqual(rig.violations, []);
    assert.deepEqual(rig.log, [
      'status from=0 to=1',
      'status from=1 to=3',
      'queueReady rx size=16',
      'queueReady tx size=16',
      'features accepted=0x1000020',
      'status from=3 to=7',
    ]);
    assert.equal(rig.device.features, MAC | NOTIFY_ON_EMPTY);
    rig.log.length = 0;
    rig.hypercall(NOTIFY, phys(RINGS[1]));
    assert.deepEqual(rig.log, ['kick tx forced=0', 'timerArm tx name=tx_timer ns=150000', 'notify tx flags=1']);
    assert.equal(rig.device.hypercallKind(phys(RINGS[1])), 'notify');
    assert.equal(rig.device.hypercallKind(phys(PAGE)), 'config');
  });

  it('zeroes rings and accepted features at a reset', () => {
    const rig = rigOf();
    probe(rig);
    rig.ram.fill(0xff, RINGS[0], RINGS[0] + 100);
    setStatus(rig, 0);
    assert.ok(rig.ram.subarray(RINGS[0], RAM_SIZE).every((byte) => byte === 0));
    assert.deepEqual([...rig.ram.subarray(PAGE + AT.accepted, PAGE + AT.accepted + 4)], [0, 0, 0, 0]);
    assert.ok(rig.device.queueViews().every(({ ready, layout }) => !ready && layout === undefined));
    probe(rig);
    assert.ok(rig.device.running);
  });

  it('has no interrupt status: every interrupt is an event of its own', () => {
    const rig = rigOf();
    probe(rig);
    rig.device.perform({ do: 'interrupt', queue: 'tx' });
    assert.equal(rig.device.interruptStatus, 0);
  });

  it('names what is wrong with a hypercall or a register access', () => {
    const rig = rigOf();
    probe(rig);
    rig.hypercall(5, 0n);
    rig.hypercall(NOTIFY, 0x1234n);
    rig.write(0x50, 1);
    rig.read(0);
    const [number, address, written, read] = rig.violations;
    assert.match(number ?? '', /hypercall 5: a device knows LHCALL_NOTIFY \(17\) only/);
    assert.match(address ?? '', /LHCALL_NOTIFY with 0x1234: expected the address of the device's descriptor/);
    assert.match(written ?? '', /lguest's devices have no registers/);
    assert.match(read ?? '', /lguest's devices have no registers/);
    rig.ram[PAGE + AT.accepted + 1] = 0xff;
    setStatus(rig, 0);
    setStatus(rig, ACKNOWLEDGE);
    rig.violations.length = 0;
    setStatus(rig, ACKNOWLEDGE | DRIVER);
    rig.ram[PAGE + AT.accepted] = 1;
    setStatus(rig, ACKNOWLEDGE | DRIVER | DRIVER_OK);
    assert.match(rig.violations[0] ?? '', /VIRTIO_NET_F_CSUM was never offered; ignored/);
  });

  it('survives a guest that scribbles over the page, and goes back to snapshots', () => {
    const rig = rigOf();
    const below = random(31);
    for (let n = 0; n < 5000; n++) {
      rig.ram[PAGE + below(64)] = below(256);
      const arguments_ = [phys(PAGE), phys(RINGS[0]), phys(RINGS[1]), BigInt(below(2 ** 32))];
      rig.device.hypercall(below(20) === 0 ? below(30) : NOTIFY, arguments_[below(4)] ?? 0n);
    }
    const saved = rig.device.snapshot();
    const other = rigOf();
    other.ram.set(rig.ram);
    other.device.restore(saved);
    assert.deepEqual(other.device.snapshot(), saved);
  });
});
