/** The flow of a method as people read it, in a terminal or in Markdown. */
import { createColors } from 'picocolors';
import type { FlowCell, FlowReport } from '../describe/flow.ts';
import type { ValuePlace } from '../describe/place.ts';
import { alignedLines, markdownLines, type TableCell } from './columns.ts';

export interface FlowTextOptions {
  readonly colour: boolean;
  readonly markdown: boolean;
}

/** Longer chains of values are cut in the middle: the first and the last ones say most. */
const CHAIN = 4;

export function flowText(report: FlowReport, file: string, { colour, markdown }: FlowTextOptions): string {
  const paint = createColors(colour && !markdown);
  const table = (rows: readonly (readonly TableCell[])[], right: readonly number[] = []): readonly string[] =>
    markdown ? markdownLines(rows, right) : alignedLines(rows, right).map((line) => `  ${line}`);
  const heading = (text: string): readonly string[] => (markdown ? ['', `### ${text}`, ''] : ['', paint.bold(text)]);
  const lines: string[] = [markdown ? `## ${report.method} (${file})` : `${paint.bold(report.method)}  ${file}`];

  lines.push(...heading('Gradients'));
  const head = (text: string): TableCell => ({ text, paint: paint.dim });
  const losses = report.losses.map((loss) => loss.name);
  if (losses.length === 0) lines.push('  this method has no loss');
  else
    lines.push(
      ...table(
        [
          [head('parameters'), head('tensors'), head('group'), head('rate'), ...losses.map((name) => ({ text: name, paint: paint.bold }))],
          ...report.rows.map((row): readonly TableCell[] => [
            partLines(row.parts).join('\n'),
            String(row.tensors),
            row.group ?? { text: row.follows ? followsText(row.follows) : STANDING[row.standing], paint: paint.dim },
            row.rate === undefined ? '' : String(row.rate),
            ...losses.map((name): TableCell => {
              const cell = row.cells[name];
              return {
                text: cellText(cell),
                paint: { reached: paint.green, cut: paint.red, unrelated: paint.dim, still: paint.dim }[cell.kind],
              };
            }),
          ]),
        ],
        [1, 3],
      ),
    );

  const cuts = report.losses.flatMap((loss) => loss.cuts.map((cut) => ({ loss: loss.name, ...cut })));
  if (cuts.length > 0) {
    lines.push(...heading('Where gradients end'));
    lines.push(
      ...table([
        [head('loss'), head('ends at'), head('place'), head('in'), head('behind it')],
        ...merged(cuts).map(({ losses: of, cut }): readonly TableCell[] => [
          of.join(', '),
          { text: cut.operator, paint: paint.red },
          cut.place ?? '',
          cut.path,
          cut.behind.join(', '),
        ]),
      ]),
    );
  }

  if (losses.length > 0) {
    // Columns for what a loss of this method says.
    const conditional = report.losses.some((loss) => loss.when !== undefined);
    const kept = report.losses.some((loss) => loss.off === 'untouched');
    lines.push(...heading('Losses'));
    lines.push(
      ...table(
        [
          [
            head('loss'),
            head('weight'),
            head('epochs'),
            ...(conditional ? [head('when')] : []),
            ...(kept ? [head('off')] : []),
            head('reads'),
          ],
          ...report.losses.map((loss): readonly TableCell[] => [
            loss.name,
            weightOf(loss),
            epochsOf(loss),
            ...(conditional ? [loss.when ?? ''] : []),
            ...(kept ? [loss.off] : []),
            loss.reads.join(', ') || 'no input',
          ]),
        ],
        [1],
      ),
    );
    const freezing = report.phases.some(({ frozen }) => frozen);
    if (report.phases.length > 1)
      lines.push(
        ...heading('Phases'),
        ...table([
          [head('from epoch'), head('losses'), ...(freezing ? [head('frozen')] : [])],
          ...report.phases.map(({ fromEpoch, losses, frozen = [] }) => [
            String(fromEpoch),
            losses.join(', ') || 'none',
            ...(freezing ? [frozen.join(', ')] : []),
          ]),
        ]),
      );
    lines.push(...heading('Images of a batch'), `  ${stepText(report.batch.step)}`);
    if (report.batch.mixes.length > 0)
      lines.push(
        ...(markdown ? [''] : []),
        ...table([
          [head('they meet at'), head('place'), head('in'), head('for')],
          ...report.batch.mixes.map((mix): readonly TableCell[] => [
            {
              text: mix.how === 'coupled' ? mix.reason : `${mix.how} over the images`,
              paint: mix.how === 'coupled' ? paint.yellow : undefined,
            },
            mix.place ?? '',
            mix.times > 1 ? `${mix.times} calls` : mix.path,
            mix.outputs.length > 4 ? `${mix.outputs.slice(0, 3).join(', ')} and ${mix.outputs.length - 3} more` : mix.outputs.join(', '),
          ]),
        ]),
      );
  }
  if (report.watches.length > 0)
    lines.push(...heading('Watched'), ...table(report.watches.map(({ name, kind, shape }) => [name, kind, shape])));

  const { declared, inputs, groundTruth } = report.supervision;
  lines.push(...heading('Supervision'), `  training sees ${declared.join(' + ') || 'images alone'}`);
  const uses = [
    ...inputs.map((input): readonly TableCell[] => [
      `input ${input.name}`,
      input.kind,
      '',
      `learnt from by ${input.losses.join(', ') || 'no loss'}`,
    ]),
    ...groundTruth.map((use): readonly TableCell[] => [
      use.where,
      use.reads,
      use.on ?? '',
      {
        text: use.role === 'selection' ? `chosen on ground truth: ${use.what}` : use.what,
        paint: use.role === 'selection' ? paint.yellow : undefined,
      },
    ]),
  ];
  if (uses.length > 0) lines.push(...(markdown ? [''] : []), ...table([[head('where'), head('reads'), head('of'), head('for')], ...uses]));
  return lines.join('\n');
}

const STANDING = { trained: '', frozen: 'frozen', fixed: 'fixed by its layer', outside: 'inference only', average: 'shadow' } as const;

/** `follows net, ema 0.99`. */
function followsText({ parts, momentum }: NonNullable<FlowReport['rows'][number]['follows']>): string {
  return `follows ${partLines(parts).join(', ')}, ema ${momentum}`;
}

function cellText(cell: FlowCell): string {
  switch (cell.kind) {
    case 'reached': {
      const names = cell.through.map(({ name }) => name ?? '?');
      const shown = names.length > CHAIN ? [...names.slice(0, CHAIN - 2), '…', ...names.slice(-2)] : names;
      return shown.length === 0 ? 'reached' : `only through ${shown.join(' → ')}`;
    }
    case 'cut': {
      const [first, ...more] = cell.at;
      return `cut at ${pointText(first)}${more.length > 0 ? ` and ${more.length} more` : ''}`;
    }
    case 'unrelated':
      return '·';
    case 'still':
      return 'never';
  }
}

function pointText(point: ValuePlace): string {
  return point.place === undefined ? point.operator : `${point.operator}, ${point.place}`;
}

/** Cuts of one line, for all losses and calls. */
function merged(
  cuts: readonly (FlowReport['losses'][number]['cuts'][number] & { readonly loss: string })[],
): readonly { readonly losses: readonly string[]; readonly cut: (typeof cuts)[number] }[] {
  const found = new Map<string, { losses: string[]; cut: (typeof cuts)[number] }>();
  for (const cut of cuts) {
    const key = JSON.stringify([cut.operator, cut.place, cut.path]);
    const known = found.get(key);
    if (!known) {
      found.set(key, { losses: [cut.loss], cut });
      continue;
    }
    if (!known.losses.includes(cut.loss)) known.losses.push(cut.loss);
    known.cut = { ...known.cut, behind: outermost([...known.cut.behind, ...cut.behind]) };
  }
  return [...found.values()];
}

function stepText(step: FlowReport['batch']['step']): string {
  switch (step.kind) {
    case 'mean':
    case 'sum':
      return `a step may be computed in parts of its batch: the losses are a ${step.kind} over the images`;
    case 'ratio':
      return 'a step may be computed in parts of its batch: the losses are means over something counted in the data';
    case 'coupled':
      return `a step needs its whole batch at once: ${step.operator} at ${step.at} mixes images`;
  }
}

/** Parts that lie in no other of them. */
function outermost(parts: readonly string[]): readonly string[] {
  return [...new Set(parts)].filter((part) => !parts.some((other) => part.startsWith(`${other}.`)));
}

/** Parts in few lines: `net.{stem, norm}`, `net.{layer2, layer3}.{conv1, conv2}`; a few stand for themselves. */
export function partLines(parts: readonly string[]): readonly string[] {
  if (parts.length <= 4) return parts;
  /** By root and by what is named below the second name, the second names. */
  const found = new Map<string, { readonly root: string; readonly below: readonly string[]; readonly seconds: string[] }>();
  const inner = new Map<string, { readonly root: string; readonly second: string | undefined; readonly below: string[] }>();
  for (const part of parts) {
    const [root, second, ...rest] = part.split('.');
    const key = `${root}.${second ?? ''}`;
    const list = inner.get(key) ?? { root, second, below: [] };
    if (rest.length > 0) list.below.push(rest.join('.'));
    inner.set(key, list);
  }
  for (const { root, second, below } of inner.values()) {
    const key = `${root}: ${below.join()}${second === undefined ? ' itself' : ''}`;
    const group = found.get(key) ?? { root, below, seconds: [] };
    if (second !== undefined) group.seconds.push(second);
    found.set(key, group);
  }
  const braced = (names: readonly string[]): string => (names.length === 1 ? names[0] : `{${names.join(', ')}}`);
  return [...found.values()].map(({ root, below, seconds }) =>
    [root, ...(seconds.length > 0 ? [braced(seconds)] : []), ...(below.length > 0 ? [braced(below)] : [])].join('.'),
  );
}

/** In which epochs a loss is computed. */
function epochsOf({ fromEpoch, untilEpoch }: FlowReport['losses'][number]): string {
  const from = fromEpoch === 0 ? [] : [`from ${fromEpoch}`];
  const until = untilEpoch === undefined ? [] : [`until ${untilEpoch}`];
  return [...from, ...until].join(' ') || 'all';
}

/** A constant factor, or the way it grows. */
function weightOf({ weight }: FlowReport['losses'][number]): string {
  if (typeof weight === 'number') return String(weight);
  return `${weight.from} to ${weight.to} over epochs ${weight.fromEpoch} to ${weight.toEpoch}`;
}
