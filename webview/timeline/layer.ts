// What is costly to draw and seldom changes: kept until what it was made of is another.
import { paint, prepare } from './paint';
import type { Palette } from './palette';
import type { Shape } from './shapes';

/** A value with what it was made of. */
export class Remembered<T> {
  private from: readonly unknown[] = [];
  private value: T | undefined;

  of(from: readonly unknown[], make: () => T): T {
    if (this.value === undefined || !same(from, this.from)) this.value = make();
    this.from = from;
    return this.value;
  }
}

/** Shapes on a canvas of the page, painted when what they are made of is another, or the canvas is. */
export class Layer {
  private from: readonly unknown[] = [];

  /** @param from what its shapes are made of */
  show(
    canvas: HTMLCanvasElement,
    from: readonly unknown[],
    width: number,
    height: number,
    shapes: () => readonly Shape[],
    palette: Palette,
  ): void {
    const of = [canvas, ...from, width, height, palette, window.devicePixelRatio];
    if (same(of, this.from)) return;
    const ink = prepare(canvas, width, height);
    if (!ink) return;
    paint(ink, shapes(), palette);
    this.from = of;
  }
}

const same = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((value, i) => value === b[i]);
