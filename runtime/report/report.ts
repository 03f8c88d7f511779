import { barChart, type ClassBars } from './bar-chart.ts';
import { escapeHtml, formatNumber, formatPercent } from './html.ts';
import { type LineChart, type LineSeries, lineChart, pointsPerMean, SERIES_STYLES } from './line-chart.ts';
import type { Protocol, Score } from './scores.ts';
import { STYLE } from './style.ts';

/** A score over thresholds, with the one that was chosen. */
export interface SweepCurve {
  readonly title: string;
  readonly thresholds: readonly number[];
  /** Values in percent, one for each threshold. */
  readonly series: readonly LineSeries[];
  readonly chosen: number;
  /** Which split (or rule) chose it, e.g. 'train ground truth'. */
  readonly chosenOn: string;
  readonly yLabel: string;
}

export interface PanelRow {
  readonly label: string;
  /** `data:` addresses of pictures, one for each column; null where a stage has none. */
  readonly images: readonly (string | null)[];
  readonly note?: string;
}

export interface Panels {
  readonly columns: readonly string[];
  readonly rows: readonly PanelRow[];
  /** Class colours of the masks. */
  readonly legend?: readonly { readonly name: string; readonly colour: readonly [number, number, number] }[];
  /** Small drawings are enlarged with hard pixel edges (default); false for photographs. */
  readonly crisp?: boolean;
}

export interface Report {
  readonly title: string;
  readonly subtitle: string;
  /** Label and value: data set, spec hash, backend, seed ... */
  readonly facts: readonly (readonly [string, string])[];
  readonly scores: readonly Score[];
  readonly curves: readonly LineChart[];
  readonly sweeps: readonly SweepCurve[];
  /** Values in percent. */
  readonly perClass: readonly ClassBars[];
  readonly panels?: Panels;
  readonly notes: readonly string[];
}

/**
 * The report as one HTML text without scripts: nothing is fetched, every picture and chart is inside. All texts are escaped. The same
 * report gives the same bytes. Throws RangeError where lengths do not fit and for a picture that is no `data:image` address.
 */
export function writeReport(report: Report): string {
  const charts = [...report.sweeps.map(sweep), ...report.perClass.map((c) => chartCard(c.title, barChart(c), bars(c)))];
  const parts = [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    // A report may quote names from a data set: even if some escaped the escaping, nothing could run or be fetched.
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">`,
    '<meta name="generator" content="wsss">',
    `<title>${escapeHtml(report.title)}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    '<main>',
    `<h1>${escapeHtml(report.title)}</h1>`,
    `<p class="subtitle">${escapeHtml(report.subtitle)}</p>`,
    tiles(report.scores),
    section('Scores', report.scores.length > 0, `<div class="card scroll">${scoreTable(report.scores)}</div>`),
    section('Examples', report.panels !== undefined && report.panels.rows.length > 0, report.panels ? panels(report.panels) : ''),
    section('Thresholds and classes', charts.length > 0, cards(charts)),
    section('Training', report.curves.length > 0, cards(report.curves.map(curve))),
    section('Run', report.facts.length > 0, facts(report.facts)),
    section(
      'Notes',
      report.notes.length > 0,
      `<div class="card"><ul class="notes">${report.notes.map((n) => `<li>${escapeHtml(n)}</li>`).join('')}</ul></div>`,
    ),
    '</main>',
    '</body>',
    '</html>',
  ];
  return `${parts.filter((p) => p !== '').join('\n')}\n`;
}

function section(title: string, shown: boolean, body: string): string {
  return shown ? `<section><h2>${title}</h2>${body}</section>` : '';
}

/** The results in large figures, the best trivial baseline of the same split and metric under each. */
function tiles(scores: readonly Score[]): string {
  const results = scores.filter((s) => (s.role ?? 'result') === 'result').slice(0, 8);
  if (results.length === 0) return '';
  const tile = (s: Score) => {
    const rivals = scores.filter((b) => b.role === 'baseline' && b.split === s.split && b.metric === s.metric && b.value !== null);
    const best = rivals.reduce<Score | undefined>((a, b) => (a === undefined || (b.value ?? 0) > (a.value ?? 0) ? b : a), undefined);
    const beside = best ? `<div class="beside">${escapeHtml(best.stage)}: ${shownValue(best)}</div>` : '';
    return (
      `<div class="card tile"><div class="name">${escapeHtml(s.stage)}, ${escapeHtml(s.split)}</div>` +
      `<div class="number">${shownValue(s)}<small>${escapeHtml(s.metric)}${s.readings ? ', our reading' : ''}</small></div>${beside}</div>`
    );
  };
  return `<div class="tiles">${results.map(tile).join('')}</div>`;
}

function shownValue(score: Score): string {
  if (score.value === null) return '–';
  return (score.unit ?? '%') === '%' ? formatPercent(score.value) : formatNumber(score.value) + escapeHtml(score.unit ?? '');
}

function scoreTable(scores: readonly Score[]): string {
  const row = (s: Score) => {
    const role = s.role ?? 'result';
    const percent = (s.unit ?? '%') === '%' && s.value !== null ? Math.min(100, Math.max(0, s.value)) : undefined;
    const meter = percent === undefined ? '' : `<span class="meter"><i style="width:${percent.toFixed(1)}%"></i></span>`;
    const tag = role === 'result' ? '' : `<span class="tag">${role}</span>`;
    return (
      `<tr class="${role}"><td>${escapeHtml(s.stage)}${tag}</td><td>${escapeHtml(s.split)}</td><td>${escapeHtml(s.metric)}</td>` +
      `<td class="n">${shownValue(s)}${meter}</td><td class="protocol">${escapeHtml(protocolText(s.protocol))}${ourReading(s)}</td></tr>`
    );
  };
  const head = ['Stage', 'Split', 'Metric', 'Value', 'Measured with'].map((h) => `<th>${h}</th>`).join('');
  return `<table class="scores"><thead><tr>${head}</tr></thead><tbody>${scores.map(row).join('')}</tbody></table>`;
}

/** What the number rests on that the authors do not settle. */
function ourReading({ readings }: Score): string {
  return readings ? `<br><span class="tag">our reading</span> ${escapeHtml(readings.join('; '))}` : '';
}

/** A protocol in words, in a fixed order. */
function protocolText(p: Protocol): string {
  const parts = [`${formatNumber(p.images)} images`, `${p.classes} classes`];
  if (p.threshold !== undefined)
    parts.push(`threshold ${formatNumber(p.threshold)}${p.thresholdSource ? ` (from ${p.thresholdSource})` : ''}`);
  else if (p.thresholdSource !== undefined) parts.push(`threshold from ${p.thresholdSource}`);
  if (p.crf !== undefined) parts.push(p.crf === 'none' ? 'no CRF' : `CRF ${p.crf}`);
  if (p.scales !== undefined) parts.push(`scale${p.scales.length === 1 ? '' : 's'} ${p.scales.map(formatNumber).join(', ')}`);
  if (p.mirror !== undefined) parts.push(p.mirror ? 'with mirror' : 'no mirror');
  if (p.checkpoint !== undefined) parts.push(`checkpoint ${p.checkpoint}`);
  if (p.initialWeights !== undefined)
    parts.push(p.initialWeights === 'none' ? 'no initial weights' : `initial weights ${p.initialWeights}`);
  if (p.predicted255 !== undefined) parts.push(p.predicted255 === 'background' ? '255 as background' : '255 excluded');
  if (p.coverage !== undefined) parts.push(`coverage ${formatPercent(p.coverage * 100)} %`);
  if (p.seed !== undefined) parts.push(`seed ${p.seed}`);
  for (const [name, value] of Object.entries(p.other ?? {}))
    parts.push(`${name} ${typeof value === 'number' ? formatNumber(value) : value}`);
  return parts.join(' · ');
}

function facts(list: Report['facts']): string {
  const one = ([label, value]: readonly [string, string]) => `<div><dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}</dd></div>`;
  return `<div class="card"><dl class="facts">${list.map(one).join('')}</dl></div>`;
}

function cards(list: readonly string[]): string {
  return `<div class="grid2">${list.join('')}</div>`;
}

function chartCard(title: string, chart: string, legend: string, caption = ''): string {
  const below = caption === '' ? '' : `<p class="caption">${escapeHtml(caption)}</p>`;
  return `<div class="card"><h3>${escapeHtml(title)}</h3>${chart}${legend}${below}</div>`;
}

function curve(chart: LineChart): string {
  const group = pointsPerMean(chart);
  return chartCard(chart.title, lineChart(chart), lines(chart.series), group > 1 ? `Each point is the mean of ${group} values.` : '');
}

function sweep(curve: SweepCurve): string {
  const chart: LineChart = {
    title: curve.title,
    x: curve.thresholds,
    series: curve.series,
    xLabel: 'background threshold',
    yLabel: curve.yLabel,
    mark: { x: curve.chosen, label: `chosen: ${formatNumber(curve.chosen)}` },
  };
  return chartCard(curve.title, lineChart(chart), lines(curve.series), `Chosen on ${curve.chosenOn}.`);
}

/** A legend of lines; none for a single one, which the axis already names. */
function lines(series: readonly { readonly name: string }[]): string {
  if (series.length < 2) return '';
  const one = (s: { readonly name: string }, i: number) =>
    `<li><svg width="26" height="8" viewBox="0 0 26 8" class="chart" style="width:26px"><path class="line s${i % SERIES_STYLES}" d="M1 4H25"/></svg>${escapeHtml(s.name)}</li>`;
  return `<ul class="legend">${series.map(one).join('')}</ul>`;
}

function bars(chart: ClassBars): string {
  const one = (s: { readonly name: string }, i: number) =>
    `<li><svg width="12" height="12" viewBox="0 0 12 12" class="chart" style="width:12px"><rect class="bar s${i % SERIES_STYLES}" width="12" height="12" rx="2"/></svg>${escapeHtml(s.name)}</li>`;
  return `<ul class="legend">${chart.series.map(one).join('')}</ul>`;
}

function panels({ columns, rows, legend, crisp }: Panels): string {
  const picture = (address: string | null, column: string, label: string) => {
    if (address === null) return '<div class="empty"></div>';
    if (!/^data:image\/(png|jpeg|webp);base64,[A-Za-z0-9+/]+=*$/.test(address)) {
      throw new RangeError(`writeReport: picture '${column}' of '${label}' is no data:image address`);
    }
    return `<img src="${address}" alt="${escapeHtml(`${label}: ${column}`)}"${crisp === false ? '' : ' class="crisp"'}>`;
  };
  const row = (r: PanelRow) => {
    if (r.images.length !== columns.length) {
      throw new RangeError(`writeReport: row '${r.label}' has ${r.images.length} pictures for ${columns.length} columns`);
    }
    const note = r.note === undefined ? '' : ` <span>${escapeHtml(r.note)}</span>`;
    const images = r.images.map(
      (a, i) => `<figure>${picture(a, columns[i], r.label)}<figcaption>${escapeHtml(columns[i])}</figcaption></figure>`,
    );
    return (
      `<div class="row"><div class="name">${escapeHtml(r.label)}${note}</div>` +
      `<div class="images" style="--columns:${columns.length}">${images.join('')}</div></div>`
    );
  };
  const patch = (c: { readonly name: string; readonly colour: readonly [number, number, number] }) =>
    `<li><span class="patch" style="background:rgb(${c.colour.map((v) => Math.round(v)).join(',')})"></span>${escapeHtml(c.name)}</li>`;
  const key = legend && legend.length > 0 ? `<ul class="legend">${legend.map(patch).join('')}</ul>` : '';
  return `<div class="card"><div class="panels">${rows.map(row).join('')}</div>${key}</div>`;
}
