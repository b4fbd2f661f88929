// The fills of offered slots for drawings: patterns that every drawing of the page refers to.
import { html, type TemplateResult } from 'lit';
import type { SlotState } from '../../src/panel/protocol';

/** Hatched: offered, not picked up. Each side's hatch leans its own way; an added chain is half of each. */
export const hatches = (): TemplateResult =>
  html`<svg class="hatches" width="0" height="0" aria-hidden="true">
    <defs>
      <pattern id="hatch-dev" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect class="hatch-dev-ground" width="5" height="5" />
        <rect class="hatch-dev-line" width="1.6" height="5" />
      </pattern>
      <pattern id="hatch-drv" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">
        <rect class="hatch-drv-ground" width="5" height="5" />
        <rect class="hatch-drv-line" width="1.6" height="5" />
      </pattern>
      <pattern id="dots-drv" width="4" height="4" patternUnits="userSpaceOnUse">
        <rect class="fill-drv" width="4" height="4" />
        <circle class="dot" cx="2" cy="2" r="0.9" />
      </pattern>
      <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="5" markerHeight="5" orient="auto">
        <path class="arrow" d="M0 0 8 4 0 8z" />
      </marker>
    </defs>
  </svg>`;

/** The `fill` of a state that is hatched; the others are filled by their class. */
export const HATCH: Readonly<Partial<Record<SlotState, string>>> = {
  available: 'url(#hatch-dev)',
  used: 'url(#hatch-drv)',
  added: 'url(#dots-drv)',
};
