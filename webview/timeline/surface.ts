// What timelines are painted on: follows the width of a plot and the colours of the theme, and tells who draws when either has changed.
import { readPalette, type Palette } from './palette';

export class Surface {
  /** px of the plot; 0 before it is known */
  width = 0;
  private palette: Palette | undefined;
  private plot: Element | null = null;
  private readonly sized: ResizeObserver;

  constructor(changed: () => void) {
    this.sized = new ResizeObserver(([entry]) => {
      const now = Math.floor(entry?.contentRect.width ?? 0);
      if (now === this.width) return;
      this.width = now;
      changed();
    });
    const themed = new MutationObserver(() => {
      this.palette = undefined;
      changed();
    });
    themed.observe(document.documentElement, { attributes: true, attributeFilter: ['style', 'class'] });
    themed.observe(document.body, { attributes: true, attributeFilter: ['class'] });
  }

  /** The plot whose width counts, as the page has it now: none, or another one after it was drawn anew. */
  follow(plot: Element | null): void {
    if (plot === this.plot) return;
    if (this.plot) this.sized.unobserve(this.plot);
    this.plot = plot;
    if (plot) this.sized.observe(plot);
  }

  /** The theme's colours, read once for each theme. @param element one that has them */
  colours(element: Element): Palette {
    return (this.palette ??= readPalette(element));
  }
}
