// A ring as it crosses to the page: addresses as hex strings, chains by number. Written out, since it runs at every stop.
import { hex, type Descriptor, type RingState } from '../virtqueue';
import type { PanelRing, Wire } from './protocol';

function wireDescriptor({ index, addr, len, flags, next, owner, chain, indirect }: Descriptor): Wire<Descriptor> {
  return {
    index,
    addr: hex(addr),
    len,
    flags,
    next,
    owner,
    ...(chain !== undefined && { chain }),
    ...(indirect && { indirect: indirect.map(wireDescriptor) }),
  };
}

export function wireRing(ring: RingState): PanelRing {
  const { layout } = ring;
  return {
    ...ring,
    layout: { ...layout, desc: hex(layout.desc), avail: hex(layout.avail), used: hex(layout.used) },
    descriptors: ring.descriptors.map(wireDescriptor),
    outstanding: ring.outstanding.map(({ head, descriptors, error }) => ({
      head,
      descriptors: descriptors.map((d) => d.index),
      ...(error !== undefined && { error }),
    })),
  };
}
