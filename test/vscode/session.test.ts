// Sessions in a real extension host: what VS Code gets from the inline adapter, and what the ring panel is given.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { VirtioLab } from '../../src/extension';

const SCENARIO = 'tx-one-packet';

interface Message {
  readonly type: string;
  readonly event?: string;
  readonly command?: string;
}

/** What sessions say, and whom it concerns: messages are kept, so that none is missed. */
class Recorder implements vscode.Disposable {
  private readonly seen: { readonly session: vscode.DebugSession; readonly message: Message }[] = [];
  private readonly waiting = new Set<() => void>();
  private readonly registration: vscode.Disposable;

  constructor() {
    this.registration = vscode.debug.registerDebugAdapterTrackerFactory('virtio', {
      createDebugAdapterTracker: (session) => ({
        onDidSendMessage: (message: Message) => {
          this.seen.push({ session, message });
          for (const wake of [...this.waiting]) wake();
        },
      }),
    });
  }

  dispose(): void {
    this.registration.dispose();
  }

  /** The number of events or answers of a kind so far. */
  count(kind: string): number {
    return this.of(kind).length;
  }

  /** The session that sent the n-th (from 1) event or answer of a kind, once it has come. */
  async nth(kind: string, n: number): Promise<vscode.DebugSession> {
    for (;;) {
      const found = this.of(kind)[n - 1];
      if (found) return found.session;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.waiting.delete(wake);
          resolve();
        };
        this.waiting.add(wake);
      });
    }
  }

  private of(kind: string) {
    return this.seen.filter(({ message }) => message.event === kind || message.command === kind);
  }
}

interface Stack {
  readonly stackFrames: readonly {
    readonly id: number;
    readonly name: string;
    readonly line: number;
    readonly source?: { readonly path: string };
  }[];
}

describe('a session', () => {
  const recorder = new Recorder();
  let lab: VirtioLab;
  let session: vscode.DebugSession;
  const folder = vscode.workspace.workspaceFolders?.[0];
  const workspace = folder?.uri.fsPath ?? '';

  const extension = vscode.extensions.getExtension<VirtioLab>('virtio-lab.virtio-lab');
  const root = extension?.extensionPath ?? '';
  const driver = join(root, 'drivers/virtio_net/virtio_net-2.6.31.c');
  const ring = join(root, 'drivers/lib/drivers/virtio/virtio_ring.c');
  const header = join(root, 'drivers/lib/include/linux/skbuff.h');
  const lineOf = (path: string, snippet: string): number =>
    readFileSync(path, 'utf8')
      .split('\n')
      .findIndex((line) => line.includes(snippet)) + 1;

  const launch = async (more: object = {}): Promise<vscode.DebugSession> => {
    const before = recorder.count('stopped');
    const started = await vscode.debug.startDebugging(folder, {
      type: 'virtio',
      request: 'launch',
      name: 'test',
      scenario: SCENARIO,
      ...more,
    });
    assert.ok(started, 'the session starts');
    return recorder.nth('stopped', before + 1);
  };
  const move = async (command: string, args: object = { threadId: 1 }): Promise<void> => {
    const before = recorder.count('stopped');
    await session.customRequest(command, args);
    await recorder.nth('stopped', before + 1);
  };
  const top = async (): Promise<Stack['stackFrames'][number] & { readonly path?: string }> => {
    const [frame] = ((await session.customRequest('stackTrace', { threadId: 1 })) as Stack).stackFrames;
    assert.ok(frame);
    // VS Code turns the paths of a remote extension host into URIs, also for those inside it
    return { ...frame, path: frame.source && vscode.Uri.parse(frame.source.path).path };
  };
  const evaluate = async (expression: string): Promise<string> => {
    const { id: frameId } = await top();
    const { result } = (await session.customRequest('evaluate', { expression, frameId, context: 'watch' })) as {
      result: string;
    };
    return result;
  };
  const end = async (): Promise<void> => {
    const ended = new Promise<void>((resolve) => {
      const registration = vscode.debug.onDidTerminateDebugSession(() => {
        registration.dispose();
        resolve();
      });
    });
    await vscode.debug.stopDebugging(session);
    await ended;
  };

  before(async () => {
    assert.ok(extension);
    lab = await extension.activate();
  });
  after(() => recorder.dispose());

  it('stops at the first line of start_xmit, with the panel’s state composed', async () => {
    session = await launch();
    const frame = await top();
    assert.deepEqual([frame.name, frame.path], ['start_xmit', driver]);
    const { threads } = (await session.customRequest('threads')) as { threads: { name: string }[] };
    assert.deepEqual(
      threads.map((t) => t.name),
      ['vCPU 0', 'QEMU vCPU thread', 'QEMU main loop'],
    );
    const state = lab.panelState();
    assert.deepEqual(
      state?.queues.map((q) => q.ring.name),
      ['rx', 'tx'],
    );
    assert.equal(state?.title, 'TX: one packet, QEMU 150 µs timer');
  });

  it('evaluates C, steps, and steps back to the same', async () => {
    assert.equal(await evaluate('skb->len + 2'), '66');
    const before = { line: (await top()).line, state: lab.panelState() };
    await move('next');
    assert.notEqual((await top()).line, before.line);
    assert.notDeepEqual(lab.panelState()?.position, before.state?.position);
    await move('stepBack');
    assert.equal((await top()).line, before.line);
    // where the run has been meanwhile, and the way to here, are another matter
    const {
      furthest: _f,
      changes: _c,
      changesSince: _s,
      older: _o,
      reason: _r,
      ...now
    } = lab.panelState() ?? assert.fail();
    const {
      furthest: _f2,
      changes: _c2,
      changesSince: _s2,
      older: _o2,
      reason: _r2,
      ...then
    } = before.state ?? assert.fail();
    assert.deepEqual(now, then);
  });

  it('stops at breakpoints in a C file and in a header', async () => {
    const breakpoints = [
      new vscode.SourceBreakpoint(
        new vscode.Location(vscode.Uri.file(header), new vscode.Position(lineOf(header, 'list->qlen++') - 1, 0)),
      ),
      new vscode.SourceBreakpoint(
        new vscode.Location(vscode.Uri.file(ring), new vscode.Position(lineOf(ring, 'vq->num_added = 0;') - 1, 0)),
      ),
    ];
    const sent = recorder.count('setBreakpoints');
    vscode.debug.addBreakpoints(breakpoints);
    try {
      // VS Code sends them file by file, in its own time
      await recorder.nth('setBreakpoints', sent + breakpoints.length);
      await move('continue');
      assert.equal((await top()).path, header);
      await move('continue');
      assert.deepEqual([(await top()).name, (await top()).path], ['vring_kick', ring]);
      assert.equal(await evaluate('vq->vring.avail->idx'), '1');
    } finally {
      vscode.debug.removeBreakpoints(breakpoints);
    }
  });

  it('restarts at the first stop', async () => {
    await move('restart', {});
    assert.equal((await top()).name, 'start_xmit');
    assert.equal(lab.panelState()?.queues[1]?.counters.added, 0);
  });

  it('is saved with an edit in its past, and runs to the same state again', async () => {
    await session.customRequest('setExpression', {
      expression: 'skb->priority',
      value: '7',
      frameId: (await top()).id,
    });
    for (let i = 0; i < 3; i++) await move('next');
    const file = vscode.Uri.file(join(workspace, 'saved.virtio.json'));
    await vscode.commands.executeCommand('virtioLab.saveScenario', file);
    const { name } = await top();
    const place = { line: (await top()).line, name, hash: await lab.machine()?.hash() };
    assert.equal(name, 'start_xmit');
    await end();
    session = await launch({ scenario: file.fsPath });
    assert.deepEqual({ line: (await top()).line, name: (await top()).name, hash: await lab.machine()?.hash() }, place);
    assert.equal(await evaluate('skb->priority'), '7');
    await move('stepBack');
    assert.equal((await top()).name, 'start_xmit');
  });

  it('leaves nothing behind when it ends', async () => {
    await end();
    assert.equal(lab.panelState(), undefined);
    assert.equal(vscode.debug.activeDebugSession, undefined);
  });

  it('that does not compile has its errors in Problems, and does not start', async () => {
    const file = join(workspace, 'broken', 'broken.c');
    mkdirSync(join(workspace, 'broken'), { recursive: true });
    writeFileSync(file, '#include <linux/module.h>\n\nint broken(void)\n{\n\treturn nothing;\n}\n');
    const started = await vscode.debug.startDebugging(folder, {
      type: 'virtio',
      request: 'launch',
      name: 'test',
      scenario: SCENARIO,
      program: file,
    });
    const [problem] = vscode.languages.getDiagnostics(vscode.Uri.file(file));
    assert.equal(started, false);
    assert.deepEqual([problem?.range.start.line, problem?.source], [4, 'Virtio Lab']);
    assert.match(problem?.message ?? '', /nothing/);
  });

  it('of a scenario that is wrong has its errors in Problems, at the field', async () => {
    const file = join(workspace, 'broken', 'wrong.virtio.json');
    writeFileSync(
      file,
      '{\n  "version": 1,\n  "name": "Wrong",\n  "driver": { "bundled": "virtio_net-2.6.31" },\n  "traffik": []\n}\n',
    );
    const started = await vscode.debug.startDebugging(folder, {
      type: 'virtio',
      request: 'launch',
      name: 'test',
      scenario: file,
    });
    assert.equal(started, false);
    const own = vscode.languages.getDiagnostics(vscode.Uri.file(file)).filter((d) => d.source === 'Virtio Lab');
    assert.deepEqual(
      own.map((d) => d.range.start.line),
      [4],
    );
    assert.match(own[0]?.message ?? '', /traffik/);
  });

  it('has what it would refuse told where the scenario is written: when it is opened, and with each save', async () => {
    const file = join(workspace, 'broken', 'nowhere.virtio.json');
    const uri = vscode.Uri.file(file);
    const text = (name: string): string =>
      `{\n  "version": 1,\n  "name": "Nowhere",\n  "driver": { "bundled": "virtio_net-2.6.31" },\n  "stopAt": {\n    "function": "${name}"\n  }\n}\n`;
    writeFileSync(file, text('strat_xmit'));
    const own = (): readonly vscode.Diagnostic[] =>
      vscode.languages.getDiagnostics(uri).filter((d) => d.source === 'Virtio Lab');
    const told = (count: number): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (own().length !== count) return;
          registration.dispose();
          resolve();
        };
        const registration = vscode.languages.onDidChangeDiagnostics(look);
        look();
      });
    const document = await vscode.workspace.openTextDocument(uri);
    await told(1);
    assert.deepEqual(
      own().map(({ range: { start } }) => [start.line, start.character]),
      [[5, 16]],
    );
    assert.match(own()[0]?.message ?? '', /^stopAt\.function: .*"strat_xmit".*there are start_xmit \(/);

    const configuration = { type: 'virtio', request: 'launch', name: 'test', scenario: file };
    assert.equal(await vscode.debug.startDebugging(folder, configuration), false);
    assert.equal(own().length, 1, 'and a session says it once');

    const edit = new vscode.WorkspaceEdit();
    edit.replace(uri, document.lineAt(5).range, '    "function": "start_xmit"');
    await vscode.workspace.applyEdit(edit);
    await document.save();
    await told(0);
  });
});
