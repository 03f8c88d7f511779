import { coordinate, escapeHtml, formatNumber } from './html.ts';
import { linearScale } from './ticks.ts';

export interface LineSeries {
  readonly name: string;
  /** One value for each x; null or NaN where there is none (the line goes on to the next). */
  readonly points: readonly (number | null)[];
}

/** A chosen place on the x axis, e.g. the threshold that was fixed. */
export interface ChartMark {
  readonly x: number;
  readonly label: string;
}

export interface LineChart {
  /** What the chart shows, for readers who cannot see it. */
  readonly title: string;
  readonly x: readonly number[];
  readonly series: readonly LineSeries[];
  readonly xLabel: string;
  readonly yLabel: string;
  readonly mark?: ChartMark;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

// Small on purpose: scaled to the width of a phone the text stays readable.
const WIDTH = 440;
const HEIGHT = 264;
const LEFT = 50;
const RIGHT = 14;
const TOP = 20;
const BOTTOM = 42;
/** Longer series are drawn as means over equal stretches. */
const MOST_POINTS = 400;
/** Up to this many points get a visible dot. */
const MOST_DOTS = 40;
/** Up to this many points answer to the pointer. */
const MOST_TARGETS = 120;

/** Number of colours and dash patterns that the style sheet defines (classes s0 to s7). */
export const SERIES_STYLES = 8;

/** An SVG element: axes with ticks, one line a series, a title under the pointer, and a mark where one is given. */
export function lineChart(chart: LineChart): string {
  const all = chart.series.map((s) => thin(pointsOf(chart.x, s)));
  const flat = all.flat();
  const xs = linearScale(chart.mark ? [...flat.map((p) => p.x), chart.mark.x] : flat.map((p) => p.x), 6, false);
  const ys = linearScale(
    flat.map((p) => p.y),
    5,
    true,
  );
  const px = (x: number) => LEFT + ((x - xs.low) / (xs.high - xs.low)) * (WIDTH - LEFT - RIGHT);
  const py = (y: number) => HEIGHT - BOTTOM - ((y - ys.low) / (ys.high - ys.low)) * (HEIGHT - TOP - BOTTOM);
  const parts: string[] = [];
  for (const tick of ys.ticks) {
    const y = coordinate(py(tick));
    parts.push(`<path class="grid" d="M${LEFT} ${y}H${WIDTH - RIGHT}"/>`);
    parts.push(`<text class="tick" x="${LEFT - 6}" y="${y}" dy=".32em" text-anchor="end">${formatNumber(tick)}</text>`);
  }
  for (const tick of xs.ticks) {
    const x = coordinate(px(tick));
    parts.push(`<path class="axis" d="M${x} ${HEIGHT - BOTTOM}v4"/>`);
    parts.push(`<text class="tick" x="${x}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${formatNumber(tick)}</text>`);
  }
  parts.push(`<path class="axis" d="M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}"/>`);
  const middle = (LEFT + WIDTH - RIGHT) / 2;
  parts.push(`<text class="label" x="${middle}" y="${HEIGHT - 6}" text-anchor="middle">${escapeHtml(chart.xLabel)}</text>`);
  const up = (TOP + HEIGHT - BOTTOM) / 2;
  parts.push(`<text class="label" transform="translate(12 ${up})rotate(-90)" text-anchor="middle">${escapeHtml(chart.yLabel)}</text>`);
  if (chart.mark) parts.push(markLine(chart.mark, px(chart.mark.x)));
  all.forEach((points, i) => {
    const style = `s${i % SERIES_STYLES}`;
    const path = points.map((p, k) => `${k === 0 ? 'M' : 'L'}${coordinate(px(p.x))} ${coordinate(py(p.y))}`).join('');
    parts.push(`<path class="line ${style}" d="${path}"/>`);
    const every = Math.max(1, Math.ceil(points.length / MOST_TARGETS));
    const dots = points.length <= MOST_DOTS;
    points.forEach((p, k) => {
      if (k % every !== 0 && k !== points.length - 1) return;
      const title = `${chart.series[i].name}: ${formatNumber(p.y)} at ${chart.xLabel} ${formatNumber(p.x)}`;
      const at = `cx="${coordinate(px(p.x))}" cy="${coordinate(py(p.y))}"`;
      if (dots) parts.push(`<circle class="dot ${style}" ${at} r="2.2"/>`);
      parts.push(`<circle class="target" ${at} r="7"><title>${escapeHtml(title)}</title></circle>`);
    });
  });
  const name = escapeHtml(chart.title);
  return `<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${name}">${parts.join('')}</svg>`;
}

/** How many values of the longest series stand behind one drawn point. */
export function pointsPerMean(chart: LineChart): number {
  return Math.max(1, ...chart.series.map((s) => Math.ceil(pointsOf(chart.x, s).length / MOST_POINTS)));
}

function markLine(mark: ChartMark, x: number): string {
  const left = x > (LEFT + WIDTH - RIGHT) / 2;
  const at = coordinate(x);
  const textX = coordinate(left ? x - 5 : x + 5);
  return (
    `<path class="mark" d="M${at} ${TOP - 16}V${HEIGHT - BOTTOM}"/>` +
    `<text class="mark-label" x="${textX}" y="${TOP - 7}" text-anchor="${left ? 'end' : 'start'}">${escapeHtml(mark.label)}</text>`
  );
}

function pointsOf(x: readonly number[], series: LineSeries): Point[] {
  if (series.points.length !== x.length) {
    throw new RangeError(`lineChart: series '${series.name}' has ${series.points.length} points for ${x.length} values of x`);
  }
  return series.points.flatMap((y, i) => (y === null || !Number.isFinite(y) ? [] : [{ x: x[i], y }]));
}

function thin(points: readonly Point[]): readonly Point[] {
  const group = Math.ceil(points.length / MOST_POINTS);
  if (group <= 1) return points;
  const result: Point[] = [];
  for (let i = 0; i < points.length; i += group) {
    const part = points.slice(i, i + group);
    const mean = (value: (p: Point) => number) => part.reduce((sum, p) => sum + value(p), 0) / part.length;
    result.push({ x: mean((p) => p.x), y: mean((p) => p.y) });
  }
  return result;
}
