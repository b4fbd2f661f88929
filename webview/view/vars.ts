// Sets CSS custom properties on an element through the object model: the page's policy allows no style attributes.
import { noChange } from 'lit';
import { Directive, directive, type ElementPart, type PartInfo, PartType } from 'lit/directive.js';

class VarsDirective extends Directive {
  private last: Readonly<Record<string, string>> = {};

  constructor(part: PartInfo) {
    super(part);
    if (part.type !== PartType.ELEMENT) throw new Error('vars() belongs on an element, not in an attribute');
  }

  override render(_values: Readonly<Record<string, string>>): typeof noChange {
    return noChange;
  }

  override update(part: ElementPart, [values]: [Readonly<Record<string, string>>]): typeof noChange {
    const { style } = part.element as HTMLElement;
    for (const [name, value] of Object.entries(values)) {
      if (this.last[name] !== value) style.setProperty(name, value);
    }
    this.last = values;
    return noChange;
  }
}

/** `<div ${vars({ '--y': '36px' })}>`; the names stay the same from one drawing to the next. */
export const vars = directive(VarsDirective);
