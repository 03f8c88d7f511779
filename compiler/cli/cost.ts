/** `wsss cost`: what a method costs for given sizes. */
import { type CostReport, costReport } from '../describe/cost.ts';
import { type SizeWishes, sizesOf } from '../describe/sizes.ts';
import { costText } from './cost-text.ts';
import { CommandFailure, EXIT, type Output, usage, writeJson } from './output.ts';
import { methodsOf, openSpec } from './spec.ts';

export interface CostCommand {
  readonly json: boolean;
  readonly set: readonly string[];
  readonly size?: readonly [number, number];
  readonly batch?: number;
  readonly classes?: number;
  readonly dim: Readonly<Record<string, number>>;
  readonly depth: number;
}

/** Prints the cost of one method, or of every method and variant that the file declares. */
export function runCost(output: Output, target: string, options: CostCommand): number {
  const spec = openSpec(output, target, options);
  if (!spec) return EXIT.problems;
  const wishes: SizeWishes = { size: options.size, batch: options.batch, classes: options.classes, named: options.dim };
  const reports = methodsOf(spec).map((method): CostReport => {
    const found = sizesOf(method, wishes);
    if (!found.ok)
      throw 'open' in found
        ? usage(
            `${method.name} has sizes that neither an image nor a fact gives: ${found.open.join(', ')}`,
            `say how large they are: ${found.open.map((name) => `--dim ${name}=8`).join(' ')}`,
          )
        : usage(
            `${method.name} does not hold for these sizes: ${found.broken}`,
            'give other sizes with --size, --batch, --classes or --dim',
          );
    const report = costReport(method, found.sizes);
    if (report) return report;
    throw new CommandFailure(EXIT.problems, {
      code: 'not-differentiable',
      message: `${method.name} cannot be differentiated`,
      file: spec.file,
      hint: '`wsss build` tells where.',
    });
  });
  if (options.json)
    writeJson(output, spec.named === undefined ? { file: spec.file, methods: reports } : { file: spec.file, ...reports[0] });
  else
    output.out(
      reports.map((report) => costText(report, spec.file, { colour: output.colourOut === true, depth: options.depth })).join('\n\n'),
    );
  return EXIT.good;
}
