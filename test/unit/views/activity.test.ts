// The trees of the Virtio activity bar as data: queues and findings of a stop, scenarios in their folders.
import assert from 'node:assert/strict';
import { composePanelState } from '../../../src/panel/compose';
import type { ScenarioEntry } from '../../../src/panel/scenario-list';
import { findingRows } from '../../../src/views/activity/finding-rows';
import { queueRows } from '../../../src/views/activity/queue-rows';
import type { Row } from '../../../src/views/activity/row';
import { scenarioFolders } from '../../../src/views/activity/scenario-tree';
import { ringFull } from '../../support/panel-states';

const { stop, ctx } = ringFull();

/** A tree as indented text. */
function outline(rows: readonly Row[], indent = ''): string[] {
  return rows.flatMap(({ label, description, children }) => [
    `${indent}${label}${description === undefined ? '' : `: ${description}`}`,
    ...outline(children ?? [], `${indent}  `),
  ]);
}

const ids = (rows: readonly Row[]): string[] => rows.flatMap(({ id, children }) => [id, ...ids(children ?? [])]);

describe('the Queues tree', () => {
  const state = composePanelState(stop, ctx);
  const text = outline(queueRows(state));

  it('has a row a queue, with its sentence first', () => {
    const tx = state.queues.find((q) => q.ring.name === 'tx');
    const at = text.findIndex((line) => line.startsWith('tx: '));
    assert.equal(text[at], 'tx: 5 of 16 in flight');
    assert.equal(text[at + 1], `  ${tx?.sentence}`);
  });

  it('tells indices of both sides, owners that there are, and what a notification would do now', () => {
    for (const line of [
      '    avail.idx: 4',
      '    last_avail_idx (device): 0',
      '    used.idx: 65535',
      '    last_used_idx (driver): 65532',
      '    num_free: 0',
      '    kicks: 7',
      '    kicks suppressed: 17',
    ])
      assert.ok(text.includes(line), `${line} in\n${text.join('\n')}`);
    assert.ok(text.some((line) => /^ {4}kick now: sent: \S/.test(line)));
    assert.ok(text.some((line) => /^ {4}interrupt now: suppressed: \S/.test(line)));
    assert.equal(
      text.some((line) => /being built|unknown/.test(line)),
      false,
    );
  });

  it('names each row differently, and the same at the next stop', () => {
    const all = ids(queueRows(state));
    assert.equal(new Set(all).size, all.length);
    assert.deepEqual(ids(queueRows(composePanelState({ ...stop, timeNs: stop.timeNs + 5 }, ctx))), all);
  });
});

describe('the Findings tree', () => {
  it('tells text and line, the places that belong to it, and leads there', () => {
    const finding = {
      id: 'leak-1',
      kind: 'leak',
      text: 'skb 25 was never freed',
      position: { tick: 22000, sub: 0 },
      timeNs: 1_303_000,
      site: 0,
      where: '/project/driver/virtio_net.c:588 in start_xmit',
      related: [{ text: 'allocated at net/core/skbuff.c:120' }],
    } as const;
    const rows = findingRows(composePanelState({ ...stop, findings: [finding] }, ctx));
    assert.deepEqual(outline(rows), [
      'skb 25 was never freed: virtio_net.c:588',
      '  allocated at net/core/skbuff.c:120',
    ]);
    assert.deepEqual(rows[0]?.source, {
      label: 'virtio_net.c:588',
      path: '/project/driver/virtio_net.c',
      line: 588,
    });
    assert.deepEqual(rows[0]?.position, { tick: 22000, sub: 0 });
  });

  it('tells a finding without a line, as a host’s', () => {
    const finding = {
      id: 'stall-1',
      kind: 'stall',
      text: 'tx stalls',
      position: { tick: 9, sub: 0 },
      timeNs: 1,
    } as const;
    const [row] = findingRows(composePanelState({ ...stop, findings: [finding] }, ctx));
    assert.deepEqual([row?.label, row?.description, row?.source], ['tx stalls', undefined, undefined]);
  });
});

describe('the Scenarios tree', () => {
  const entry = (path: string, origin: ScenarioEntry['origin']): ScenarioEntry => ({
    path,
    origin,
    name: path,
    description: '',
    files: [],
  });

  it('has the workspace’s own first, then the bundled ones by folder', () => {
    const folders = scenarioFolders(
      [entry('/w/mine.virtio.json', 'workspace')],
      ['tx', 'known-bugs/a.faulty', 'mail/full-park', 'known-bugs/a.fixed'].map((id) =>
        entry(`/lab/scenarios/${id}.virtio.json`, 'bundled'),
      ),
    );
    assert.deepEqual(
      folders.map(({ title, entries }) => [title, entries.length]),
      [
        ['This workspace', 1],
        ['Bundled', 1],
        ['Known bugs', 2],
        ['The 2009 mail', 1],
      ],
    );
    // what one in-order vCPU cannot show stands below the known bugs, with the reason
    assert.deepEqual(
      folders.map(({ notShown }) => notShown?.map(({ name }) => /\((\w+)\)/.exec(name)?.[1])),
      [undefined, undefined, ['4265f161b6b', '2d61ba95034'], undefined],
    );
  });

  it('leaves an empty workspace out', () => {
    assert.deepEqual(scenarioFolders([], []), []);
  });
});
