// A session's life: launch, first stop, end, trap, restart, Ctrl+F5, cancel, the death of the worker, and bad requests.
import assert from 'node:assert/strict';
import { CAPABILITIES, type SessionListener } from '../../../src/debug';
import type { Launched } from '../../../src/scenario';
import { CompileError } from '../../../src/toolchain';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { launched, launcher, launcherOf, prepared, TestClient } from './client';
import { FakeMachine, SCRIPT } from './fake-machine';
import { TX_C } from './fake-program';

const outputs = (client: TestClient): string[] =>
  client.log.filter((e) => e.event === 'output').map((e) => (e as DebugProtocol.OutputEvent).body.output);

describe('debug: session', () => {
  it('launches, stops where the scenario says, and ends without leaving a machine', async () => {
    const machine = new FakeMachine();
    const client = new TestClient(launcherOf(machine));
    const stop = await client.begin();
    assert.equal(stop.body.reason, 'entry');
    assert.equal(stop.body.threadId, 1);
    assert.equal(stop.body.allThreadsStopped, true);
    await client.disconnectRequest();
    assert.equal(machine.disposed, 1);
    assert.equal(
      client.log.some((e) => e.event === 'terminated'),
      false,
    );
  });

  it('knows every request that its capabilities claim, and refuses others by name', async () => {
    const client = new TestClient(launcherOf(new FakeMachine()));
    const { body } = await client.hello();
    assert.deepEqual(body, JSON.parse(JSON.stringify(CAPABILITIES)));
    for (const command of Object.values(CLAIMED)) {
      const answer = await client.customRequest(command, {}).then(String, String);
      assert.doesNotMatch(answer, /does not know/, command);
    }
    const flags = Object.entries(CAPABILITIES).filter(([, value]) => value === true);
    const unchecked = flags.map(([name]) => name).filter((name) => !(name in CLAIMED) && !OF_ATTRIBUTES.includes(name));
    assert.deepEqual(unchecked, []);
    assert.match(await client.refused('disassemble'), /does not know the request "disassemble"/);
    assert.match(await client.refused('constructor'), /does not know the request "constructor"/);
  });

  it('refuses attach, a second launch, and requests before the launch', async () => {
    const client = new TestClient(launcherOf(new FakeMachine()));
    await client.hello();
    assert.match(await client.refused('attach'), /nothing to attach to/);
    assert.match(await client.refused('stackTrace', { threadId: 1 }), /No driver has been launched/);
    assert.match(await client.refused('restart'), /No driver has been launched/);
    assert.match(await client.refused('launch', { scenario: 1 }), /`scenario` is 1/);
    await client.customRequest('launch', { scenario: 'x' });
    assert.match(await client.refused('launch', { scenario: 'x' }), /launched already/);
  });

  it('refuses a path format that it cannot read', async () => {
    const client = new TestClient(launcherOf(new FakeMachine()));
    assert.match(await client.refused('initialize', { adapterID: 'virtio', pathFormat: 'uri' }), /pathFormat is "uri"/);
  });

  it('fails a launch that does not compile with one message, a console line each, and nothing started', async () => {
    const error = { file: TX_C, line: 21, column: 2, severity: 'error', message: 'expected ;' } as const;
    const client = new TestClient(launcher({ launch: () => Promise.reject(new CompileError([error])) }));
    await client.hello();
    assert.equal(
      await client.refused('launch', { program: TX_C }),
      `The driver does not compile: ${TX_C}:21:2: expected ;.`,
    );
    const line = await client.next<DebugProtocol.OutputEvent>('output');
    assert.equal(line.body.category, 'stderr');
    assert.deepEqual([line.body.source?.path, line.body.line], [TX_C, 21]);
    assert.equal(
      client.log.some((e) => e.event === 'initialized'),
      false,
    );
  });

  it('says nothing more of an error that the launcher has shown', async () => {
    const error = Object.assign(
      new CompileError([{ file: TX_C, line: 21, column: 2, severity: 'error', message: 'expected ;' }]),
      { showUser: false },
    );
    const client = new TestClient(launcher({ launch: () => Promise.reject(error) }));
    await client.hello();
    await client.refused('launch', { program: TX_C });
    assert.deepEqual(
      client.log.filter((e) => e.event === 'output'),
      [],
    );
  });

  it('pauses at the end: forward is refused with the reason, back works, only Stop terminates', async () => {
    const machine = new FakeMachine();
    const client = new TestClient(launcherOf(machine));
    await client.begin();
    const end = await client.move('continue');
    assert.deepEqual(
      [end.body.reason, end.body.description, end.body.text],
      ['pause', 'The run is over', 'nothing is due any more'],
    );
    const asked = machine.requests.length;
    for (const command of ['continue', 'next', 'stepIn', 'stepOut'])
      assert.match(
        await client.refused(command, { threadId: 1 }),
        /^Nothing is due any more\. Nothing comes after this/,
      );
    assert.equal(machine.requests.length, asked);
    assert.equal((await client.move('stepBack')).body.reason, 'step');
    assert.deepEqual(await client.stack(), ['start_xmit:22']);
    assert.equal(
      client.log.some((e) => e.event === 'terminated'),
      false,
    );
    await client.terminateRequest();
    await client.next('terminated');
    assert.equal(machine.disposed, 1);
    assert.match(await client.refused('stackTrace', { threadId: 1 }), /session is over/);
  });

  it('pauses at a trap, and tells about it', async () => {
    const client = new TestClient(launcherOf(new FakeMachine(SCRIPT, undefined, 'trap')));
    await client.begin();
    const end = await client.move('continue');
    assert.deepEqual([end.body.reason, end.body.text], ['exception', 'NULL dereference in start_xmit']);
    const info = await client.exceptionInfoRequest({ threadId: 1 });
    assert.deepEqual([info.body.exceptionId, info.body.breakMode], ['trap', 'unhandled']);
  });

  it('pauses at power-on when reversing, and refuses to go further back', async () => {
    const client = new TestClient(launcherOf(new FakeMachine()));
    await client.begin();
    const start = await client.move('reverseContinue');
    assert.equal(start.body.description, 'At power-on: nothing lies before');
    assert.match(await client.refused('stepBack', { threadId: 1 }), /power-on/);
    assert.match(await client.refused('reverseContinue', { threadId: 1 }), /power-on/);
    assert.deepEqual(await client.stack(), ['idle: no driver code runs']);
    assert.equal((await client.move('next')).body.reason, 'step');
  });

  it('restarts with a new machine and the same breakpoints', async () => {
    const [first, second] = [new FakeMachine(), new FakeMachine(SCRIPT, 'changed')];
    const client = new TestClient(launcherOf(first, second));
    await client.begin();
    await client.setBreakpointsRequest({ source: { path: TX_C }, breakpoints: [{ line: 22 }] });
    await client.setFunctionBreakpointsRequest({ breakpoints: [{ name: 'nowhere' }] });
    await client.restartRequest({});
    assert.equal((await client.next<DebugProtocol.StoppedEvent>('stopped')).body.reason, 'entry');
    assert.equal(first.disposed, 1);
    assert.deepEqual(second.lines, first.lines);
    const changed = client.log.filter((e) => e.event === 'breakpoint') as DebugProtocol.BreakpointEvent[];
    assert.deepEqual(
      changed.map((e) => [e.body.breakpoint.verified, e.body.breakpoint.line]),
      [
        [true, 22],
        [false, undefined],
      ],
    );
    assert.equal((await client.move('continue')).body.reason, 'breakpoint');
  });

  it('keeps the machine when a restart does not compile', async () => {
    const machine = new FakeMachine();
    let launches = 0;
    const client = new TestClient(
      launcher({
        launch: async () => {
          if (launches++ > 0) throw new Error('tx.c:1: no');
          return launched(machine);
        },
      }),
    );
    await client.begin();
    assert.equal(await client.refused('restart'), 'tx.c:1: no');
    assert.deepEqual(await client.stack(), ['start_xmit:16']);
    assert.equal(machine.disposed, 0);
  });

  it('runs to the end without debugging, prints output and report, and exits by the expectations', async () => {
    for (const [passed, exitCode] of [
      [true, 0],
      [false, 1],
    ] as const) {
      const prepare = async () =>
        prepared(async (_, onOutput) => {
          onOutput({ kind: 'printk', text: 'hello', timeNs: 1000, level: 6 });
          return { text: 'kicks 1', passed };
        });
      const client = new TestClient(launcher({ prepare }));
      await client.hello();
      await client.customRequest('launch', { scenario: 'tx-one', noDebug: true });
      await client.customRequest('setBreakpoints', { source: { path: TX_C }, breakpoints: [{ line: 22 }] });
      await client.configurationDoneRequest();
      const exited = await client.next<DebugProtocol.ExitedEvent>('exited');
      await client.next('terminated');
      assert.equal(exited.body.exitCode, exitCode);
      assert.deepEqual(outputs(client), ['[    0.000001] hello\n', 'kicks 1\n']);
    }
  });

  it('gives up a run without debugging when it is stopped', async () => {
    let signal: AbortSignal | undefined;
    const prepare = async () => prepared((s) => new Promise(() => (signal = s)));
    const client = new TestClient(launcher({ prepare }));
    await client.hello();
    await client.customRequest('launch', { scenario: 'tx-one', noDebug: true });
    await client.configurationDoneRequest();
    assert.equal(await client.refused('stackTrace', { threadId: 1 }), 'notStopped');
    await client.terminateRequest();
    await client.next('terminated');
    assert.equal(signal?.aborted, true);
  });

  it('tells why a run without debugging failed', async () => {
    const prepare = async () => prepared(() => Promise.reject(new Error('The pcap is cut at byte 40.')));
    const client = new TestClient(launcher({ prepare }));
    await client.hello();
    await client.customRequest('launch', { scenario: 'tx-one', noDebug: true });
    await client.configurationDoneRequest();
    assert.equal((await client.next<DebugProtocol.ExitedEvent>('exited')).body.exitCode, 1);
    assert.deepEqual(outputs(client), ['The pcap is cut at byte 40.\n']);
  });

  it('ends with the reason when the worker dies', async () => {
    const machine = new FakeMachine();
    const client = new TestClient(launcherOf(machine));
    await client.begin();
    machine.die('The machine’s worker ran out of memory.');
    await client.next('terminated');
    assert.ok(outputs(client).includes('The machine’s worker ran out of memory.\n'));
    assert.equal(machine.disposed, 1);
  });

  it('gives up a launch that is cancelled, and one that the client leaves', async () => {
    for (const leave of ['cancel', 'disconnect']) {
      let aborted = false;
      const machine = new FakeMachine();
      const client = new TestClient(
        launcher({
          launch: (_, signal, report) =>
            new Promise<Launched>((resolve) => {
              report('Compiling tx.c');
              // a launcher that is too late to stop still hands its machine over
              signal.addEventListener('abort', () => {
                aborted = true;
                resolve(launched(machine));
              });
            }),
        }),
      );
      await client.hello();
      const launch = client.refused('launch', { program: TX_C });
      const { body } = await client.next<DebugProtocol.ProgressStartEvent>('progressStart');
      assert.equal(body.message, 'Compiling tx.c');
      await client.customRequest(leave, { progressId: body.progressId });
      assert.equal(await launch, 'cancelled');
      assert.equal(aborted, true);
      assert.equal(machine.disposed, 1);
      await client.next('progressEnd');
    }
  });

  it('feeds a listener without DAP: launched, running, stopped, ended', async () => {
    const seen: string[] = [];
    const listener: SessionListener = {
      launched: ({ title }) => seen.push(`launched ${title}`),
      running: () => seen.push('running'),
      stopped: (_, state) => seen.push(`stopped ${state.position.tick}`),
      ended: () => seen.push('ended'),
    };
    const client = new TestClient(launcherOf(new FakeMachine()), listener);
    await client.begin();
    await client.move('next');
    await client.disconnectRequest();
    assert.deepEqual(seen, ['launched TX: one packet', 'running', 'stopped 1', 'running', 'stopped 2', 'ended']);
  });

  it('counts lines and columns from 0 for a client that does', async () => {
    const client = new TestClient(launcherOf(new FakeMachine()));
    await client.hello({ linesStartAt1: false, columnsStartAt1: false });
    await client.customRequest('launch', { scenario: 'x' });
    await client.configurationDoneRequest();
    await client.next('stopped');
    const [frame] = (await client.stackTraceRequest({ threadId: 1 })).body.stackFrames;
    assert.deepEqual([frame?.line, frame?.column], [15, 0]);
    const { body } = await client.setBreakpointsRequest({
      source: { path: TX_C },
      breakpoints: [{ line: 20, column: 16 }],
    });
    assert.deepEqual([body.breakpoints[0]?.line, body.breakpoints[0]?.column], [20, 16]);
  });

  it('survives requests that are nonsense', async () => {
    const client = new TestClient(launcherOf(new FakeMachine()));
    await client.begin();
    for (const command of Object.keys(NONSENSE)) await client.refused(command, NONSENSE[command]);
    assert.deepEqual(await client.stack(), ['start_xmit:16']);
  });
});

const NONSENSE: Record<string, object> = {
  stackTrace: { threadId: 99 },
  scopes: { frameId: -1 },
  variables: { variablesReference: 12345 },
  setVariable: {},
  setExpression: {},
  evaluate: {},
  source: { sourceReference: 77 },
  next: {},
  stepIn: { threadId: 1, targetId: 8 },
  setBreakpoints: { breakpoints: 3 },
  setDataBreakpoints: {},
  dataBreakpointInfo: {},
  readMemory: { memoryReference: 'here', count: 4 },
  writeMemory: { memoryReference: '0x0', data: '§' },
  exceptionInfo: {},
  'virtioLab.breakOnWrite': { address: -4, size: 4 },
  'virtioLab.lastWriter': { address: 0x1900, size: 0 },
};

/** The request behind each capability. */
const CLAIMED: Record<string, string> = {
  supportsFunctionBreakpoints: 'setFunctionBreakpoints',
  supportsBreakpointLocationsRequest: 'breakpointLocations',
  supportsDataBreakpoints: 'dataBreakpointInfo',
  supportsExceptionInfoRequest: 'exceptionInfo',
  supportsStepBack: 'stepBack',
  supportsStepInTargetsRequest: 'stepInTargets',
  supportsSetVariable: 'setVariable',
  supportsSetExpression: 'setExpression',
  supportsCompletionsRequest: 'completions',
  supportsReadMemoryRequest: 'readMemory',
  supportsWriteMemoryRequest: 'writeMemory',
  supportsLoadedSourcesRequest: 'loadedSources',
  supportsCancelRequest: 'cancel',
  supportsRestartRequest: 'restart',
  supportsConfigurationDoneRequest: 'configurationDone',
  supportsTerminateRequest: 'terminate',
};

/** Capabilities that add an attribute to a request; their tests are in the files of those requests. */
const OF_ATTRIBUTES = [
  'supportsConditionalBreakpoints',
  'supportsHitConditionalBreakpoints',
  'supportsLogPoints',
  'supportsDataBreakpointBytes',
  'supportsExceptionFilterOptions',
  'supportsEvaluateForHovers',
  'supportsClipboardContext',
  'supportsValueFormattingOptions',
];
