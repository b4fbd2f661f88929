// Which skbs the list shows: all of a few; of many the oldest and the newest, and those that are selected. Pure.
import type { PanelSkb } from '../src/panel/protocol';

/** a list of up to this many is shown whole */
const FEW = 200;
/** shown at each end of a longer one */
const ENDS = 20;

/** An skb, or a fold: how many are left out there. */
export type SkbRow = { readonly skb: PanelSkb } | { readonly hidden: number };

/**
 * @param list oldest first
 * @param wanted ids of those that are selected, or under the pointer: never folded away
 * @param whole the reader has folded it out
 */
export function skbRows(list: readonly PanelSkb[], wanted: ReadonlySet<number>, whole: boolean): readonly SkbRow[] {
  const all = (skbs: readonly PanelSkb[]): SkbRow[] => skbs.map((skb) => ({ skb }));
  if (whole || list.length <= FEW) return all(list);
  const between = list.slice(ENDS, -ENDS);
  const shown = between.filter(({ id }) => wanted.has(id));
  return [
    ...all(list.slice(0, ENDS)),
    { hidden: between.length - shown.length },
    ...all(shown),
    ...all(list.slice(-ENDS)),
  ];
}
