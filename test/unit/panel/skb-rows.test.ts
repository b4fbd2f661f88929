// The list of pending skbs: whole when short, folded in the middle when long, and never without what is selected.
import assert from 'node:assert/strict';
import type { PanelSkb } from '../../../src/panel/protocol';
import { skbRows, type SkbRow } from '../../../webview/skb-rows';
import { composePanelState } from '../../../src/panel/compose';
import { ringFull } from '../../support/panel-states';

const { stop, ctx } = ringFull();
const [model] = composePanelState(stop, ctx).skbs;

const many = (count: number): PanelSkb[] =>
  Array.from({ length: count }, (_, id) => ({ ...(model ?? assert.fail()), id }));
const told = (rows: readonly SkbRow[]): readonly (number | string)[] =>
  rows.map((row) => ('skb' in row ? row.skb.id : `${row.hidden} hidden`));

describe('panel: the list of skbs', () => {
  it('shows up to 200 as they are, and more when the reader wants them', () => {
    assert.equal(skbRows(many(200), new Set(), false).length, 200);
    assert.equal(skbRows(many(5000), new Set(), true).length, 5000);
  });

  it('folds the middle of a longer one', () => {
    const rows = told(skbRows(many(1000), new Set(), false));
    assert.equal(rows.length, 41);
    assert.deepEqual(rows.slice(19, 22), [19, '960 hidden', 980]);
  });

  it('leaves out nothing that is selected', () => {
    const rows = told(skbRows(many(1000), new Set([5, 500, 990]), false));
    assert.deepEqual(rows.slice(19, 23), [19, '959 hidden', 500, 980]);
    assert.equal(rows.length, 42);
  });
});
