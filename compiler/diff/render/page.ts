/** Differences as a page that stands alone: the table, and both graphs side by side with what differs marked. */
import { CLASSES, type DiffClass, type Row } from '../classes.ts';
import { heaviest, type MethodReport, summary, totalsText, whereText } from './report.ts';
import { effectTexts, NOTHING } from './words.ts';

/** Drawings of both sides, as SVG. */
export interface Graphs {
  readonly from: string;
  readonly to: string;
}

export interface PagePart {
  readonly report: MethodReport;
  /** None where one side is missing. */
  readonly graphs: Graphs | undefined;
}

export function pageText(parts: readonly PagePart[]): string {
  const title = parts.length === 1 ? `${parts[0].report.from} → ${parts[0].report.to}` : 'Differences of methods';
  return [
    '<!DOCTYPE html>',
    '<html lang="en">',
    `<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escaped(title)}</title>`,
    `<style>${STYLE}</style></head>`,
    '<body>',
    ...(parts.length > 1 ? [contents(parts)] : []),
    ...parts.map((part, i) => section(part, i)),
    '</body></html>',
    '',
  ].join('\n');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** Names of methods and modules may break behind their dots and underscores. */
function breakable(text: string): string {
  return escaped(text).replace(/([._/])(?=\w)/g, '$1<wbr>');
}

function contents(parts: readonly PagePart[]): string {
  const items = parts.map(
    ({ report }, i) =>
      `<li><a href="#pair-${i}">${breakable(`${report.from} → ${report.to}`)}</a>: ${escaped(summary(report))} ${badge(heaviest(report.rows))}</li>`,
  );
  return `<nav><ul>${items.join('')}</ul></nav>`;
}

function section({ report, graphs }: PagePart, i: number): string {
  const totals = totalsText(report);
  return [
    `<section id="pair-${i}">`,
    `<h1><span>${breakable(report.from)}</span> → <span>${breakable(report.to)}</span></h1>`,
    `<p>${escaped(summary(report))}${totals === '' ? '' : `; ${escaped(totals)}`}</p>`,
    ...(report.rows.length > 0 ? [table(report)] : []),
    ...(graphs ? [figures(graphs, report, i)] : []),
    '</section>',
  ].join('\n');
}

function badge(name: DiffClass): string {
  return `<span class="class c${CLASSES.indexOf(name)}">${name}</span>`;
}

function table(report: MethodReport): string {
  const head = ['class', 'what', 'from', 'to', 'effect', 'line'].map((name) => `<th scope="col">${name}</th>`).join('');
  return `<div class="table"><table><thead><tr>${head}</tr></thead><tbody>\n${report.rows.map((row) => line(row, report)).join('\n')}\n</tbody></table></div>`;
}

function line(row: Row, { files }: MethodReport): string {
  const code = (text: string | undefined, kind: string): string =>
    text === undefined ? `<td>${NOTHING}</td>` : `<td><code class="${kind}">${escaped(text)}</code></td>`;
  const effects = effectTexts(row.effects).map((text) => `<div>${escaped(text)}</div>`);
  return `<tr><td>${badge(row.class)}</td><td>${escaped(row.what)}</td>${code(row.from, 'from')}${code(row.to, 'to')}<td>${effects.join('')}</td><td class="line">${breakable(whereText(row, files))}</td></tr>`;
}

function figures({ from, to }: Graphs, report: MethodReport, i: number): string {
  const figure = (svg: string, side: string, name: string): string =>
    `<figure><figcaption>${breakable(name)}</figcaption><div class="drawing">${inline(svg, `p${i}${side}-`)}</div></figure>`;
  return [
    `<input type="checkbox" id="large-${i}" class="large"><label for="large-${i}">drawings at full size</label>`,
    `<div class="pair">${figure(from, 'a', report.from)}${figure(to, 'b', report.to)}</div>`,
  ].join('\n');
}

/** An SVG as part of a page: without its head, and with names of its own, for two drawings name their parts alike. */
function inline(svg: string, prefix: string): string {
  return svg
    .slice(svg.indexOf('<svg'))
    .replace(/ id="/g, ` id="${prefix}`)
    .replace(/url\(#/g, `url(#${prefix}`);
}

/** Colours of classes, from what changes no number to what changes what is measured. */
const STYLE = `
:root { color-scheme: light dark; --ink: #1d2530; --ground: #fff; --soft: #5d6875; --rule: #d9dee4; --panel: #f6f8fa; --from: #a3262a; --to: #1a6b3c; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e8ee; --ground: #14181d; --soft: #98a3b0; --rule: #323a44; --panel: #1c2229; --from: #ff9a94; --to: #7fd6a0; }
  .drawing svg { filter: invert(0.92) hue-rotate(180deg); }
}
body { margin: 0 auto; padding: 1.5rem; max-width: 110rem; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground); }
h1 { font-size: 1.3rem; font-weight: 600; line-height: 1.3; margin: 0; overflow-wrap: anywhere; }
section + section { margin-top: 3rem; border-top: 1px solid var(--rule); padding-top: 2rem; }
p { color: var(--soft); margin: 0.3rem 0 1rem; }
a { color: inherit; }
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.45rem 0.9rem 0.45rem 0; border-bottom: 1px solid var(--rule); }
th { color: var(--soft); font-weight: 500; font-size: 0.85rem; }
td:nth-child(2) { min-width: 6em; }
td:nth-child(5) { min-width: 15em; }
td.line { color: var(--soft); font-variant-numeric: tabular-nums; min-width: 5em; }
code { font: 0.86em/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
code.from { color: var(--from); }
code.to { color: var(--to); }
.class { display: inline-block; white-space: nowrap; padding: 0 0.5em; border-radius: 0.3em; font-size: 0.85rem; border: 1px solid; }
.c0, .c1 { color: var(--soft); }
.c2, .c3, .c4 { color: light-dark(#0b6a94, #7cc7ea); }
.c5, .c6 { color: light-dark(#8a5a00, #ecb75a); }
.c7, .c8, .c9 { color: light-dark(#8c1f7c, #ec8fdd); }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; margin-top: 0.5rem; }
figure { margin: 0; min-width: 0; }
figcaption { color: var(--soft); font-size: 0.9rem; overflow-wrap: anywhere; }
.drawing { overflow: auto; border: 1px solid var(--rule); border-radius: 0.4rem; background: light-dark(#fff, #14181d); }
.drawing svg { display: block; max-width: 100%; height: auto; margin: 0 auto; }
.large { margin: 1.5rem 0.4em 0 0; }
.large:checked ~ .pair { grid-template-columns: 1fr; }
.large:checked ~ .pair svg { max-width: none; }
@media (max-width: 60rem) { .pair { grid-template-columns: 1fr; } }
@media print { .large, .large + label { display: none; } }
`.replace(/\n/g, ' ');
