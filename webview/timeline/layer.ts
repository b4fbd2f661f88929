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

/** Shapes painted once, on a canvas that is never on the page. */
export class Layer {
  private readonly canvas = document.createElement('canvas');
  private from: readonly unknown[] = [];

  /**
   * Puts the layer on a canvas of the page.
   * @param from what its shapes are made of: they are painted anew when it is another
   */
  show(
    to: CanvasRenderingContext2D,
    from: readonly unknown[],
    width: number,
    height: number,
    shapes: () => readonly [readonly Shape[], Palette],
  ): void {
    const of = [...from, width, height, window.devicePixelRatio];
    if (!same(of, this.from)) {
      const ink = prepare(this.canvas, width, height);
      if (ink) paint(ink, ...shapes());
      this.from = of;
    }
    to.drawImage(this.canvas, 0, 0, width, height);
  }
}

const same = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((value, i) => value === b[i]);
