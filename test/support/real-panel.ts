// A real machine behind a panel's page: its stops composed, its questions answered, and moved where the page asks.
import { findSkbLayout } from '../../src/guest';
import { composePanelState } from '../../src/panel/compose';
import { look } from '../../src/panel/look';
import { readSkb, type SkbMemory } from '../../src/panel/packet/read-skb';
import type { FromPanel, PanelState, ToPanel } from '../../src/panel/protocol';
import type { MachineHandle, MachineSetup } from '../../src/machine';
import { readDebugInfo } from '../../src/toolchain';
import { machine } from './machine';

export class RealPanel {
  private wanted: number | undefined;
  private travelling = false;

  private constructor(
    readonly handle: MachineHandle,
    private readonly setup: MachineSetup,
  ) {}

  static async start(setup: MachineSetup): Promise<RealPanel> {
    const handle = await machine(setup);
    await handle.start();
    return new RealPanel(handle, setup);
  }

  /** What the panel shows of the machine as it stands. */
  state(): PanelState {
    const { state, program, ram, physOffset } = this.handle;
    if (state === undefined) throw new Error('the machine has not stopped yet');
    return composePanelState(state, { title: 'test', program, ram, physOffset, sourcePath: (site) => this.path(site) });
  }

  /** As the extension does: answers, or moves the machine and says where it is then. */
  readonly answer = async (message: FromPanel): Promise<ToPanel | undefined> => {
    const { handle } = this;
    switch (message.type) {
      case 'timeline':
      case 'events':
      case 'memory':
      case 'readSkb':
        return look(message, {
          machine: handle,
          link: (site) => ({
            label: `file.c:${this.setup.program.sites[site]?.line}`,
            path: this.path(site) ?? '',
            line: 1,
          }),
          readSkb: (id) => readSkb(this.state(), id, this.skbMemory()),
        });
      case 'goTo':
        await handle.run({ kind: 'goto', position: { tick: message.tick, sub: message.sub } });
        return { type: 'state', state: this.state() };
      case 'goToTime':
        this.wanted = message.ns;
        return this.travelling ? undefined : this.travel();
      case 'goToMark': {
        const from = handle.state?.position ?? { tick: 0, sub: 0 };
        const position = await handle.nextMark({ from, forward: message.forward, what: message.what });
        if (position === undefined) return undefined;
        await handle.run({ kind: 'goto', position });
        return { type: 'state', state: this.state() };
      }
      default:
        return undefined;
    }
  };

  private skbMemory(): SkbMemory {
    const { program, ram, physOffset } = this.handle;
    return { ram, physOffset, layout: findSkbLayout(readDebugInfo(program.wasm)), memMap: program.symbols['mem_map'] };
  }

  /** To the newest time that is wanted. */
  private async travel(): Promise<ToPanel> {
    this.travelling = true;
    for (let ns = this.wanted; ns !== undefined; ns = this.wanted) {
      this.wanted = undefined;
      await this.handle.run({ kind: 'goto', position: await this.handle.placeAt(ns) });
    }
    this.travelling = false;
    return { type: 'state', state: this.state() };
  }

  private path(site: number): string | undefined {
    const file = this.setup.program.sites[site]?.file;
    return file === undefined ? undefined : this.setup.program.files[file]?.path;
  }
}
