// What can be asked of a field of guest memory: break on a write to it, and who wrote it last.
import type { FieldPlace } from '../src/panel/protocol';
import type { MenuItem } from './state';

/** What can be done with a field of guest memory. */
export const fieldActions = (label: string, place: FieldPlace | undefined): MenuItem[] =>
  place === undefined
    ? []
    : [
        { label: `Break on write to ${label}`, message: { type: 'breakOnWrite', ...place, label } },
        { label: `Who last wrote ${label}? ([)`, message: { type: 'lastWriter', ...place, label } },
        { label: `Run to the next write of ${label} (])`, message: { type: 'nextWriter', ...place, label } },
      ];
