// What the Findings tree says of a stop. Pure.
import type { PanelState } from '../../panel';
import type { Row } from './row';

/** One row a finding, with the places that belong to it below. */
export function findingRows(state: PanelState): readonly Row[] {
  return state.findings.map(({ id, text, where, source, related, position }) => ({
    id,
    label: text,
    description: source?.label ?? where,
    tooltip: [`${id}: ${text}`, where ?? ''].join('\n').trim(),
    icon: 'bug',
    context: 'finding',
    source,
    position,
    unfolded: true,
    children: (related ?? []).map((place, i) => ({ id: `${id} ${i}`, label: place.text, icon: 'arrow-small-right' })),
  }));
}
