/** Differences as tables for documents: Markdown, and LaTeX with booktabs. */
import { type MethodReport, summary, totalsText, whereText } from './report.ts';
import { effectTexts, NOTHING } from './words.ts';

export function markdownText(reports: readonly MethodReport[]): string {
  return reports
    .map((report) => {
      const head = `**${escapeMarkdown(report.from)} → ${escapeMarkdown(report.to)}**`;
      if (report.rows.length === 0) return `${head}\n\n${summary(report)}`;
      const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
      const code = (text: string | undefined): string =>
        text === undefined ? NOTHING : `\`${text.replaceAll('`', "'").replaceAll('|', '\\|')}\``;
      const body = report.rows.map((row) =>
        line([
          row.class,
          escapeMarkdown(row.what),
          code(row.from),
          code(row.to),
          effectTexts(row.effects).map(escapeMarkdown).join('<br>'),
          whereText(row, report.files),
        ]),
      );
      return [
        head,
        '',
        line(['class', 'what', 'from', 'to', 'effect', 'line']),
        line(Array(6).fill('---')),
        ...body,
        ...footer(report),
      ].join('\n');
    })
    .join('\n\n');
}

function footer(report: MethodReport): readonly string[] {
  const text = totalsText(report);
  return text === '' ? [] : ['', `All together: ${text}.`];
}

/** A pipe would end the cell, a star or an underscore between spaces would be emphasis. */
function escapeMarkdown(text: string): string {
  return text.replace(/[\\|*_<>`]/g, (sign) => `\\${sign}`);
}

export function latexText(reports: readonly MethodReport[]): string {
  return reports
    .map((report) => {
      const code = (text: string | undefined): string => (text === undefined ? '---' : `\\texttt{${escapeLatex(text)}}`);
      const body = report.rows.map(
        (row) =>
          `  ${[row.class, escapeLatex(row.what), code(row.from), code(row.to), effectTexts(row.effects).map(escapeLatex).join('; ')].join(' & ')} \\\\`,
      );
      return [
        `% ${report.from} -> ${report.to}: \\usepackage{booktabs,tabularx}`,
        '\\begin{tabularx}{\\linewidth}{llXXX}',
        '  \\toprule',
        '  class & what & from & to & effect \\\\',
        '  \\midrule',
        ...(body.length > 0 ? body : ['  none & & & & \\\\']),
        '  \\bottomrule',
        '\\end{tabularx}',
      ].join('\n');
    })
    .join('\n\n');
}

const LATEX: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  $: '\\$',
  '&': '\\&',
  '#': '\\#',
  '%': '\\%',
  _: '\\_',
  '^': '\\textasciicircum{}',
  '~': '\\textasciitilde{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '"': '\\textquotedbl{}',
  '×': '$\\times$',
  '→': '$\\to$',
  '−': '$-$',
  '—': '---',
  '…': '\\dots{}',
};

export function escapeLatex(text: string): string {
  return text.replace(/[\\{}$&#%_^~<>|"×→−—…]/g, (sign) => LATEX[sign]);
}
