// Paints shapes on a canvas, at the screen's resolution.
import type { Palette } from './palette';
import type { Shape } from './shapes';

/** Makes a canvas as large as its place, and clears it. @returns its context, in CSS pixels */
export function prepare(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
): CanvasRenderingContext2D | undefined {
  const ratio = window.devicePixelRatio || 1;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w) canvas.width = w;
  if (canvas.height !== h) canvas.height = h;
  const context = canvas.getContext('2d') ?? undefined;
  context?.setTransform(ratio, 0, 0, ratio, 0, 0);
  context?.clearRect(0, 0, width, height);
  return context;
}

export function paint(context: CanvasRenderingContext2D, shapes: readonly Shape[], palette: Palette): void {
  if (shapes.some(({ kind }) => kind === 'text')) {
    // looking a font up costs as much as a hundred shapes
    context.font = palette.font;
    context.textBaseline = 'middle';
  }
  const ink = new Ink(context, palette);
  for (const shape of shapes) paintOne(ink, shape);
}

/** A context whose fill is set when it is another: a lane has hundreds of shapes of one fill. */
class Ink {
  private filled: string | CanvasPattern | undefined;

  constructor(
    readonly context: CanvasRenderingContext2D,
    readonly palette: Palette,
  ) {}

  fillWith(style: string | CanvasPattern): void {
    if (style === this.filled) return;
    this.filled = style;
    this.context.fillStyle = style;
  }
}

function paintOne(ink: Ink, shape: Shape): void {
  const { context, palette } = ink;
  switch (shape.kind) {
    case 'rect':
      ink.fillWith(shape.hollow ? palette.bg : palette.fill[shape.fill]);
      context.fillRect(shape.x, shape.y, shape.width, shape.height);
      if (!shape.hollow) return;
      context.strokeStyle = palette.fill[shape.fill];
      context.lineWidth = 1;
      context.strokeRect(shape.x + 0.5, shape.y + 0.5, shape.width - 1, shape.height - 1);
      return;
    case 'line':
      context.strokeStyle = palette.fill[shape.fill];
      context.lineWidth = shape.fill === 'grid' ? 1 : 1.4;
      if (shape.dash) context.setLineDash([2, 3]);
      context.beginPath();
      context.moveTo(crisp(shape.x1), crisp(shape.y1));
      context.lineTo(crisp(shape.x2), crisp(shape.y2));
      context.stroke();
      if (shape.dash) context.setLineDash([]);
      return;
    case 'mark':
      return paintMark(ink, shape);
    case 'text':
      ink.fillWith(palette.fill[shape.fill]);
      context.textAlign = shape.align;
      context.fillText(shape.text, shape.x, shape.y);
  }
}

const crisp = (n: number): number => Math.round(n) + 0.5;

/** px from the middle of a mark to its edge */
const R = 4;

function paintMark(ink: Ink, { x, y, shape, fill, hollow }: Shape & { kind: 'mark' }): void {
  const { context, palette } = ink;
  context.beginPath();
  const corners = {
    down: [-R, -R + 0.5, R, -R + 0.5, 0, R],
    up: [-R, R, R, R, 0, -R + 1],
    diamond: [0, -R, R, 0, 0, R, -R, 0],
    square: [-R + 1, -R + 1, R - 1, -R + 1, R - 1, R - 1, -R + 1, R - 1],
    cross: [],
  }[shape];
  corners.forEach((value, i) => {
    if (i % 2 === 1) return;
    if (i === 0) context.moveTo(x + value, y + (corners[1] ?? 0));
    else context.lineTo(x + value, y + (corners[i + 1] ?? 0));
  });
  context.closePath();
  if (shape === 'cross') {
    context.moveTo(x - 3, y - 3);
    context.lineTo(x + 3, y + 3);
    context.moveTo(x + 3, y - 3);
    context.lineTo(x - 3, y + 3);
  }
  context.lineWidth = shape === 'cross' ? 1.8 : 1.2;
  context.strokeStyle = palette.fill[fill];
  // on a band, or on its neighbour, a hollow mark still shows its ground
  ink.fillWith(hollow ? palette.bg : palette.fill[fill]);
  if (shape !== 'cross') context.fill();
  if (hollow || shape === 'cross') context.stroke();
}
