// The host models by the name that scenario files use.
import type { HostModel } from '../host';
import { lguest30 } from './lguest-2.6.30';
import { lguest31 } from './lguest-2.6.31';
import { liar } from './liar';
import { qemuBh } from './qemu-bh';
import { qemuIoThread } from './qemu-iothread';
import { qemuTimer } from './qemu-timer';
import { vhost } from './vhost';
import { vringh } from './vringh';

export const HOSTS: readonly HostModel[] = [qemuTimer, qemuBh, qemuIoThread, lguest30, lguest31, vhost, vringh, liar];

/** The host model of a name. Throws a RangeError that lists the names there are. */
export function hostModel(name: string): HostModel {
  const found = HOSTS.find((host) => host.name === name);
  if (found !== undefined) return found;
  throw new RangeError(
    `no host model is called ${JSON.stringify(name)}; there are: ${HOSTS.map((host) => host.name).join(', ')}`,
  );
}
