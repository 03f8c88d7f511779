/** The cost of a method as people read it. */
import { createColors } from 'picocolors';
import type { CostReport } from '../describe/cost.ts';
import { alignedLines, type TableCell } from './columns.ts';

export interface CostTextOptions {
  readonly colour: boolean;
  /** How many names of a call path are told apart. */
  readonly depth: number;
}

export function costText(report: CostReport, file: string, { colour, depth }: CostTextOptions): string {
  const paint = createColors(colour);
  const dim = (text: string): TableCell => ({ text, paint: paint.dim });
  const heading = (text: string): readonly string[] => ['', paint.bold(text)];
  const table = (rows: readonly (readonly TableCell[])[], right: readonly number[]): readonly string[] =>
    alignedLines(rows, right).map((line) => `  ${line}`);
  const { parameters, bytes, multiplyAdds, memory, sizes } = report;
  const images = sizes.N ?? 1;
  const lines = [
    `${paint.bold(report.method)}  ${file}`,
    paint.dim(
      `  sizes: ${Object.entries(sizes)
        .map(([name, value]) => `${name} = ${value}`)
        .join(', ')}`,
    ),
  ];

  lines.push(...heading('Parameters'));
  lines.push(
    ...table(
      [
        ['trained', count(parameters.trained), exact(parameters.trained), memoryText(4 * parameters.trained)],
        ['frozen', count(parameters.frozen), exact(parameters.frozen), memoryText(4 * parameters.frozen)],
        ['all', { text: count(parameters.total), paint: paint.bold }, exact(parameters.total), memoryText(bytes.parameters)],
        ['statistics and averages', count(report.state), exact(report.state), memoryText(bytes.state)],
        ["the optimiser's slots", count(report.slots), exact(report.slots), memoryText(bytes.slots)],
      ],
      [1, 2, 3],
    ),
  );

  if (memory) {
    lines.push(...heading('Multiply-adds of a training step'));
    lines.push(
      ...table(
        [
          [dim(''), dim(`${images} image${images === 1 ? '' : 's'}`), dim('per image')],
          ['forward', count(multiplyAdds.forward), { text: count(multiplyAdds.forward / images), paint: paint.bold }],
          ['forward and backward', count(multiplyAdds.step), count(multiplyAdds.step / images)],
        ],
        [1, 2],
      ),
    );
    lines.push(...heading('Memory of a training step'));
    const at = memory.peakAt
      ? `at ${memory.peakAt.operator}${memory.peakAt.path === '' ? '' : ` in ${memory.peakAt.path}`}${memory.peakAt.place === undefined ? '' : ` (${memory.peakAt.place})`}`
      : '';
    lines.push(
      ...table(
        [
          ['state and slots', memoryText(bytes.parameters + bytes.state + bytes.slots)],
          ['batch', memoryText(memory.batch)],
          ['planned peak beyond these', { text: memoryText(memory.peak), paint: paint.bold }, at],
          ['of it results kept for the backward pass', memoryText(memory.activations)],
          ['all together', { text: memoryText(memory.total), paint: paint.bold }],
        ],
        [1],
      ),
    );
    if (report.phases.length > 1)
      lines.push(
        ...heading('Phases'),
        ...table(
          [
            [dim('from epoch'), dim('forward'), dim('step'), dim('peak')],
            ...report.phases.map((phase) => [String(phase.fromEpoch), count(phase.forward), count(phase.step), memoryText(phase.peak)]),
          ],
          [0, 1, 2, 3],
        ),
      );
  }
  if (report.infer.length > 0)
    lines.push(
      ...heading('Inference, one photo'),
      ...table(
        [
          [dim('program'), dim('multiply-adds'), dim('peak')],
          ...report.infer.map(({ name, forward, peak }) => [name, count(forward), memoryText(peak)]),
        ],
        [1, 2],
      ),
    );

  lines.push(...heading('Modules'));
  lines.push(
    ...table(
      [
        [dim('module'), dim('parameters'), dim('frozen'), dim('forward'), dim('step'), dim('activations')],
        ...report.modules
          .filter(({ path }) => path === '' || path.split('.').length <= depth)
          .map((row): readonly TableCell[] => {
            const level = row.path === '' ? 0 : row.path.split('.').length;
            const name = row.path === '' ? report.method : row.path.split('.').slice(-1)[0];
            return [
              `${'  '.repeat(level)}${name}`,
              row.parameters === 0 ? '' : count(row.parameters),
              row.frozen === 0 ? '' : row.frozen === row.parameters ? 'all' : count(row.frozen),
              row.forward === 0 ? '' : count(row.forward),
              row.step === 0 ? '' : count(row.step),
              row.activationBytes === 0 ? '' : memoryText(row.activationBytes),
            ];
          }),
      ],
      [1, 2, 3, 4, 5],
    ),
  );
  return lines.join('\n');
}

/** `25.6 M`, `4.09 G`: three digits. */
function count(n: number): string {
  for (const [unit, size] of [
    ['T', 1e12],
    ['G', 1e9],
    ['M', 1e6],
    ['k', 1e3],
  ] as const)
    if (n >= size) return `${threeDigits(n / size)} ${unit}`;
  return String(Math.round(n));
}

function threeDigits(n: number): string {
  return n >= 100 ? n.toFixed(0) : n >= 10 ? n.toFixed(1) : n.toFixed(2);
}

function exact(n: number): string {
  return n.toLocaleString('en-US');
}

function memoryText(bytes: number): string {
  for (const [unit, size] of [
    ['GiB', 2 ** 30],
    ['MiB', 2 ** 20],
    ['KiB', 2 ** 10],
  ] as const)
    if (bytes >= size) return `${threeDigits(bytes / size)} ${unit}`;
  return `${bytes} B`;
}
