// The timeline's colours, read from the theme's tokens; hatches as patterns. Read anew when the theme changes.
import type { Fill } from './shapes';

export interface Palette {
  readonly bg: string;
  readonly font: string;
  readonly fill: Readonly<Record<Fill, string | CanvasPattern>>;
}

/** px of a hatch's tile */
const TILE = 6;

export function readPalette(element: Element): Palette {
  const probe = document.createElement('i');
  probe.className = 'probe';
  element.append(probe);
  // the browser resolves var() and color-mix()
  const colour = (name: string): string => {
    probe.style.setProperty('--probe', `var(${name})`);
    return getComputedStyle(probe).color;
  };
  const colours = {
    driver: colour('--tl-driver'),
    device: colour('--tl-device'),
    driverDim: colour('--tl-driver-dim'),
    deviceDim: colour('--tl-device-dim'),
    band: colour('--tl-band'),
    grid: colour('--tl-grid'),
    dim: colour('--dim'),
    fg: colour('--hi'),
    warn: colour('--warn'),
    error: colour('--err'),
    rule: colour('--rule'),
    bg: colour('--bg'),
  };
  const font = getComputedStyle(element).fontFamily;
  probe.remove();
  const { rule, bg, ...fills } = colours;
  return {
    bg,
    font: `10px ${font}`,
    fill: {
      ...fills,
      driverHatch: hatch(colours.driver, colours.driverDim, 1),
      deviceHatch: hatch(colours.device, colours.deviceDim, -1),
      exit: hatch(rule, bg, 1),
    },
  };
}

/** Diagonal lines on a ground. @param lean 1: as \, -1: as / */
function hatch(line: string, ground: string, lean: 1 | -1): string | CanvasPattern {
  const tile = document.createElement('canvas');
  tile.width = tile.height = TILE;
  const ink = tile.getContext('2d');
  if (!ink) return ground;
  ink.fillStyle = ground;
  ink.fillRect(0, 0, TILE, TILE);
  ink.strokeStyle = line;
  ink.lineWidth = 1.6;
  ink.beginPath();
  for (const shift of [-TILE, 0, TILE]) {
    ink.moveTo(shift + (lean === 1 ? 0 : TILE), 0);
    ink.lineTo(shift + (lean === 1 ? TILE : 0), TILE);
  }
  ink.stroke();
  return ink.createPattern(tile, 'repeat') ?? ground;
}
