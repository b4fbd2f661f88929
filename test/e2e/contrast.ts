// Contrast of what VS Code draws for the extension, by WCAG 2.1: of text, and of icons that are glyphs of a font.
import type { Locator } from 'playwright-core';

/** Least contrast: of text (1.4.3), and of what one must see to understand (1.4.11). */
const LEAST = { text: 4.5, icon: 3 } as const;

/** A text or an icon as the page has it. */
interface Drawn {
  readonly kind: keyof typeof LEAST;
  readonly words: string;
  readonly colour: string;
  /** of the element and of all that it is in */
  readonly opacity: number;
  /** colours behind it, the innermost first */
  readonly behind: readonly string[];
}

type Colour = readonly [red: number, green: number, blue: number, alpha: number];

/**
 * What is too faint below some elements: each text with its own colour, what a decoration of the editor adds behind one, and each
 * icon, over the backgrounds behind it.
 * axe is not asked: it leaves undecided what lies over other elements, as every row of VS Code's lists does, and sees no icons.
 * @returns how many texts and icons were measured, and a line for each that is too faint: ratio, colours and words
 */
export async function faint(parts: Locator): Promise<{ readonly measured: number; readonly faint: readonly string[] }> {
  const drawn = await drawnIn(parts);
  const lines = drawn.flatMap(({ kind, words, colour, opacity, behind }) => {
    const back = behind.reduceRight<Colour>((below, css) => over(colourOf(css), below), [255, 255, 255, 1]);
    const [red, green, blue, alpha] = colourOf(colour);
    const ratio = contrast(over([red, green, blue, alpha * opacity], back), back);
    const on = `rgb(${back.slice(0, 3).map(Math.round).join(', ')})`;
    return ratio < LEAST[kind] ? [`${kind} ${ratio.toFixed(2)}: ${colour} × ${opacity} on ${on}: ${words}`] : [];
  });
  return { measured: drawn.length, faint: lines };
}

/** All that is visible. Nothing in here has a name: the page lacks what tsx adds to functions that have one. */
function drawnIn(parts: Locator): Promise<readonly Drawn[]> {
  return parts.evaluateAll((roots: readonly Element[]) => {
    const drawn: Drawn[] = [];
    for (const root of roots)
      for (const element of [root, ...root.querySelectorAll('*')]) {
        const style = getComputedStyle(element);
        const { width, height } = element.getBoundingClientRect();
        if (width === 0 || height === 0 || style.visibility !== 'visible') continue;
        const glyph = getComputedStyle(element, '::before');
        const isIcon = /codicon/.test(glyph.fontFamily) && glyph.content !== 'none';
        let words = '';
        for (const node of element.childNodes) if (node.nodeType === Node.TEXT_NODE) words += node.textContent ?? '';
        const after = getComputedStyle(element, '::after');
        const added = after.content.startsWith('"') ? after.content.slice(1, -1).trim() : '';
        if (words.trim() === '' && added === '' && !isIcon) continue;
        let opacity = 1;
        const behind: string[] = [];
        for (let at: Element | null = element; at !== null; at = at.parentElement) {
          const { backgroundColor, opacity: share } = getComputedStyle(at);
          opacity *= Number(share);
          behind.push(backgroundColor);
        }
        if (words.trim() !== '')
          drawn.push({ kind: 'text', words: words.trim(), colour: style.color, opacity, behind });
        if (added !== '') drawn.push({ kind: 'text', words: added, colour: after.color, opacity, behind });
        if (isIcon) drawn.push({ kind: 'icon', words: element.className, colour: glyph.color, opacity, behind });
      }
    return drawn;
  });
}

/** `rgb(1, 2, 3)`, `rgba(1, 2, 3, 0.4)`, `color(srgb 0.1 0.2 0.3 / 0.4)` */
function colourOf(css: string): Colour {
  const scale = css.startsWith('color(srgb') ? 255 : 1;
  const [red = 0, green = 0, blue = 0, alpha = 1] = (css.match(/[\d.]+/g) ?? []).map(Number);
  return [red * scale, green * scale, blue * scale, alpha];
}

function over([r, g, b, alpha]: Colour, [R, G, B]: Colour): Colour {
  const mix = (above: number, below: number): number => above * alpha + below * (1 - alpha);
  return [mix(r, R), mix(g, G), mix(b, B), 1];
}

function contrast(a: Colour, b: Colour): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

function luminance([red, green, blue]: Colour): number {
  const linear = (channel: number): number =>
    channel / 255 <= 0.04045 ? channel / 255 / 12.92 : ((channel / 255 + 0.055) / 1.055) ** 2.4;
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}
