import { coordinate, escapeHtml, formatPercent } from './html.ts';
import { SERIES_STYLES } from './line-chart.ts';

/** Values per class in percent, one bar a series. */
export interface ClassBars {
  readonly title: string;
  readonly classes: readonly string[];
  readonly series: readonly { readonly name: string; readonly values: readonly number[] }[];
}

const WIDTH = 440;
const NAMES = 92;
const RIGHT = 40;
const BAR = 9;
const GAP = 8;
const TOP = 4;
const BOTTOM = 20;

/** An SVG element: horizontal bars from 0 to 100, grouped by class; a class that never occurs (NaN) shows a dash. */
export function barChart(chart: ClassBars): string {
  for (const s of chart.series) {
    if (s.values.length !== chart.classes.length) {
      throw new RangeError(`barChart: series '${s.name}' has ${s.values.length} values for ${chart.classes.length} classes`);
    }
  }
  const group = chart.series.length * BAR + GAP;
  const bottom = TOP + chart.classes.length * group;
  const px = (v: number) => NAMES + (Math.min(100, Math.max(0, v)) / 100) * (WIDTH - NAMES - RIGHT);
  const parts: string[] = [];
  for (const tick of [0, 25, 50, 75, 100]) {
    const x = coordinate(px(tick));
    parts.push(`<path class="grid" d="M${x} ${TOP}V${bottom}"/>`);
    parts.push(`<text class="tick" x="${x}" y="${bottom + 14}" text-anchor="middle">${tick}</text>`);
  }
  chart.classes.forEach((name, c) => {
    const top = TOP + c * group + GAP / 2;
    const centre = coordinate(top + (chart.series.length * BAR) / 2);
    parts.push(`<text class="class" x="${NAMES - 8}" y="${centre}" dy=".34em" text-anchor="end">${escapeHtml(name)}</text>`);
    chart.series.forEach((s, i) => {
      const value = s.values[c];
      const y = top + i * BAR;
      const end = Number.isNaN(value) ? NAMES : px(value);
      const title = escapeHtml(`${name}, ${s.name}: ${formatPercent(value)}`);
      const width = coordinate(end - NAMES);
      parts.push(`<rect class="bar s${i % SERIES_STYLES}" x="${NAMES}" y="${y}" width="${width}" height="${BAR - 1}"/>`);
      parts.push(`<text class="value" x="${coordinate(end + 4)}" y="${y + BAR / 2}" dy=".34em">${formatPercent(value)}</text>`);
      parts.push(`<rect class="target" x="${NAMES}" y="${y}" width="${WIDTH - NAMES}" height="${BAR}"><title>${title}</title></rect>`);
    });
  });
  parts.push(`<path class="axis" d="M${NAMES} ${TOP}V${bottom}"/>`);
  const label = escapeHtml(chart.title);
  return `<svg class="chart" viewBox="0 0 ${WIDTH} ${bottom + BOTTOM}" role="img" aria-label="${label}">${parts.join('')}</svg>`;
}
