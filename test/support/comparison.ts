// Two real runs of one scenario with two drivers, as the compare tab's page is told of them.
import { join } from 'node:path';
import type { MachineHandle } from '../../src/machine';
import { align } from '../../src/views/compare/align';
import { compareState, SHOWN } from '../../src/views/compare/compare-state';
import { queryOf, sideOf, spanOf } from '../../src/views/compare/packet-view';
import type { Kept, PacketSide, ToCompare } from '../../src/views/compare/protocol';
import { drivers, machine, program, rx, setup, toEnd, tx } from './machine';

const again = (name: string): Kept['again']['left'] => ({
  configuration: { type: 'virtio', request: 'launch', name },
});
export const AGAIN: Kept['again'] = { left: again('left'), right: again('right') };

export interface ComparedRuns {
  readonly comparison: Extract<ToCompare, { readonly type: 'comparison' }>;
  /** the message that shows a row's packet */
  packet(row: number): Promise<Extract<ToCompare, { readonly type: 'packet' }>>;
}

/** A burst sent and some packets received: virtio_net of 2.6.31 and of 2.6.34, both to the end. */
export async function comparedRuns(packets = 24): Promise<ComparedRuns> {
  const handles = await Promise.all(['2.6.31', '2.6.34'].map((version) => run(version, packets)));
  const [left, right] = handles as [MachineHandle, MachineHandle];
  const runs = await Promise.all([left, right].map((handle) => handle.packets(SHOWN)));
  const [a, b] = runs as [Awaited<ReturnType<MachineHandle['packets']>>, Awaited<ReturnType<MachineHandle['packets']>>];
  const aligned = align(a, b);
  const state = compareState(
    aligned,
    { name: 'TX burst', run: a },
    { name: 'TX burst with virtio_net-2.6.34', run: b },
  );
  return {
    comparison: { type: 'comparison', state, again: AGAIN },
    packet: async (row) => {
      const packet = aligned.packets[row];
      if (packet === undefined) throw new Error(`there is no row ${row}`);
      const span = spanOf(packet);
      const side = async (handle: MachineHandle, journey = packet.left): Promise<PacketSide | undefined> =>
        journey && sideOf(journey, await handle.timeline(queryOf(journey, span)), handle.state?.timeNs ?? 0);
      const [one, other] = [await side(left), await side(right, packet.right)];
      const { mark } = packet;
      return {
        type: 'packet',
        packet: {
          row,
          ...(one && { left: one }),
          ...(other && { right: other }),
          ...(mark && { mark }),
        },
      };
    },
  };
}

async function run(version: string, packets: number): Promise<MachineHandle> {
  const built = await program([join(drivers, `virtio_net/virtio_net-${version}.c`)], {}, version);
  const traffic = [tx(packets, 1000), rx(Math.ceil(packets / 6), 30_000)];
  const handle = await machine(setup(built, { queues: { rx: 32, tx: 16 }, traffic }));
  await handle.start();
  await toEnd(handle);
  return handle;
}
