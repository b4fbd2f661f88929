// A chart drawn: lines with a mark of their own for each series, or bars; published figures as dashed lines across.
import { html, nothing, svg, type TemplateResult } from 'lit';
import type { ExperimentView } from '../../src/views/experiment/protocol';
import { layout, LINE, type Layout } from './chart-layout';

type Chart = ExperimentView['charts'][number];

const WIDTH = 640;
const HEIGHT = 300;
/** Colours repeat after these; marks with them. */
const SERIES = 6;

export function chartView(chart: Chart): TemplateResult {
  const drawn = layout(chart, WIDTH, HEIGHT);
  // the table has every figure: a reader that cannot see the chart is told what it is about
  const told = `${chart.title}. ${chart.yTitle}${chart.xTitle === '' ? '' : ` by ${chart.xTitle}`}; the figures are in the table.`;
  return html`<figure>
    <figcaption>${chart.title}</figcaption>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label=${told}>
      ${axes(drawn, chart)} ${drawn.marks.map((mark) => markLine(mark, drawn))}
      ${drawn.bar > 0 ? bars(drawn) : drawn.series.map((_, i) => line(drawn, i))}
    </svg>
    ${chart.series.length > 1 ? legend(chart) : nothing}
  </figure>`;
}

function axes({ left, right, top, bottom, xTicks, yTicks, width, height }: Layout, chart: Chart): TemplateResult {
  return svg`<g class="axes">
    ${yTicks.map(
      ({ at, label }) => svg`<line class="grid" x1=${left} x2=${right} y1=${at} y2=${at}></line>
        <text x=${left - 6} y=${at + 4} text-anchor="end">${label}</text>`,
    )}
    ${xTicks.map(
      ({ at, lines, textAt }) => svg`<line class="tick" x1=${at} x2=${at} y1=${bottom} y2=${bottom + 4}></line>
        <text y=${bottom + 17} text-anchor="middle">${lines.map(
          (line, i) => svg`<tspan x=${textAt} dy=${i === 0 ? 0 : LINE}>${line}</tspan>`,
        )}</text>`,
    )}
    <line class="axis" x1=${left} x2=${left} y1=${top} y2=${bottom}></line>
    <line class="axis" x1=${left} x2=${right} y1=${bottom} y2=${bottom}></line>
    <text class="name" x=${(left + width) / 2} y=${height - 6} text-anchor="middle">${chart.xTitle}</text>
    <text class="name" x="12" y=${(top + bottom) / 2} text-anchor="middle"
      transform="rotate(-90 12 ${(top + bottom) / 2})">${chart.yTitle}</text>
  </g>`;
}

function markLine({ y, label }: Layout['marks'][number], { left, right }: Layout): TemplateResult {
  return svg`<g class="mark">
    <line x1=${left} x2=${right} y1=${y} y2=${y}></line>
    <text x=${right} y=${y - 4} text-anchor="end">${label}</text>
  </g>`;
}

function bars({ series, bar, bottom }: Layout): readonly TemplateResult[] {
  return series.map(
    ({ points }) => svg`<g class="series-0">
      ${points.map(
        ({ x, y, text }) => svg`<rect x=${x - bar / 2} y=${y} width=${bar} height=${Math.max(0, bottom - y)}>
          <title>${text}</title>
        </rect>`,
      )}
    </g>`,
  );
}

function line({ series }: Layout, i: number): TemplateResult {
  const points = series[i]?.points ?? [];
  return svg`<g class="series-${i % SERIES}">
    <polyline points=${points.map(({ x, y }) => `${x},${y}`).join(' ')}></polyline>
    ${points.map(({ x, y, text }) => svg`<path d=${shape(i, x, y)}><title>${text}</title></path>`)}
  </g>`;
}

/** A mark for each series: colour alone does not tell them apart. */
function shape(series: number, x: number, y: number): string {
  switch (series % SERIES) {
    case 0:
      return `M${x - 4},${y}a4,4 0 1,0 8,0a4,4 0 1,0 -8,0z`;
    case 1:
      return `M${x - 4},${y - 4}h8v8h-8z`;
    case 2:
      return `M${x},${y - 5}l5,9h-10z`;
    case 3:
      return `M${x},${y - 5}l5,5l-5,5l-5,-5z`;
    case 4:
      return `M${x},${y + 5}l5,-9h-10z`;
    default:
      return `M${x - 5},${y - 1.5}h3.5v-3.5h3v3.5h3.5v3h-3.5v3.5h-3v-3.5h-3.5z`;
  }
}

function legend({ series }: Chart): TemplateResult {
  return html`<ul class="legend">
    ${series.map(
      ({ name }, i) =>
        html`<li>
          <svg class="series-${i % SERIES}" viewBox="0 0 20 12" aria-hidden="true">
            <polyline points="0,6 20,6"></polyline>
            <path d=${shape(i, 10, 6)}></path>
          </svg>
          ${name}
        </li>`,
    )}
  </ul>`;
}
