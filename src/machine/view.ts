// What a stop says: the machine's state as plain data, the same for a place however it was reached.
import type { Position, QueueCounters, QueueView, StopReason, StopState, Thread } from './types';
import { HOST_THREADS } from './host-runner';
import type { Machine } from './machine';
import { VCPU } from './stops';

/** The state at a stop. Synced. */
export function stopState(machine: Machine, reason: StopReason, thread: number, furthest: Position): StopState {
  const { host, cpu, clock } = machine;
  return {
    version: 1,
    reason,
    position: machine.stops.position,
    timeNs: clock.ns,
    thread,
    threads: [vcpuThread(), ...host.threads()],
    queues: queueViews(machine),
    skbs: machine.skbs.view(driverGone(machine)),
    changes: machine.rings.changes(),
    device: {
      status: host.device.status,
      features: `0x${host.device.features.toString(16)}`,
      interruptStatus: host.device.interruptStatus,
      irqPending: host.raised,
      tapFrames: host.tap.length,
      timers: (host.runner?.armed ?? []).map(({ name, queue, dueNs, armedNs }) => ({ name, queue, dueNs, armedNs })),
    },
    netdev: { queueStopped: machine.calls.queueStopped, qdiscLength: machine.calls.qdisc },
    exits: { ...machine.statistics.exits },
    lines: clock.lines,
    events: machine.log.length,
    findings: machine.findings.snapshot(),
    furthest,
  };

  function vcpuThread(): Thread {
    return {
      id: VCPU,
      kind: 'vcpu',
      name: 'vCPU 0',
      context: cpu.context,
      irqsOff: cpu.irqsOff,
      frames: cpu.frames(),
      ...(host.blocking < 0 ? {} : { blockedBy: HOST_THREADS + host.blocking }),
    };
  }
}

/** Counters of a queue, those the tracker sees and those it cannot. */
export function queueCounters(machine: Machine, name: string): QueueCounters {
  const { kicks, kicksSuppressed, raised, delivered, suppressed } = machine.statistics.queueNow(name);
  return { ...machine.rings.counters(name), kicks, kicksSuppressed, interrupts: { raised, delivered, suppressed } };
}

function queueViews(machine: Machine): QueueView[] {
  return machine.host.device.queueViews().map((queue) => {
    const tracker = machine.rings.tracker(queue.index);
    return {
      index: queue.index,
      name: queue.name,
      ready: queue.ready,
      legacy: machine.setup.device.version === 1,
      size: queue.size,
      desc: address(queue.layout?.desc),
      avail: address(queue.layout?.avail),
      used: address(queue.layout?.used),
      eventIdx: queue.layout?.eventIdx ?? false,
      ...(queue.layout?.inOrder === true ? { inOrder: true } : {}),
      ...(queue.layout?.kickCount === true ? { kickCount: true } : {}),
      indirect: queue.layout?.indirect ?? false,
      owners: tracker?.owners.slice() ?? new Uint8Array(queue.size),
      heads: tracker?.heads.slice() ?? new Int32Array(queue.size).fill(-1),
      ...(queue.lastAvailIdx === undefined ? {} : { lastAvailIdx: queue.lastAvailIdx }),
      ...machine.rings.kickDecision(queue.index),
      counters: queueCounters(machine, queue.name),
    };
  });
}

function address(value: bigint | undefined): string {
  return `0x${(value ?? 0n).toString(16)}`;
}

/** The driver was removed, and that went through: what it has not given back by now is lost. */
function driverGone({ phase, end, setup }: Machine): boolean {
  return phase === 'ended' && end.how === 'done' && setup.remove;
}
