/** `wsss flow`: from each loss to each group of parameters, what is reached, through what, and where it is cut. */
import { flowReport } from '../describe/flow.ts';
import { flowText } from './flow-text.ts';
import { EXIT, type Output, writeJson } from './output.ts';
import { methodsOf, openSpec } from './spec.ts';

export interface FlowCommand {
  readonly json: boolean;
  readonly markdown: boolean;
  readonly set: readonly string[];
}

/** Prints the flow of one method, or of every method and variant that the file declares. */
export function runFlow(output: Output, target: string, options: FlowCommand): number {
  const spec = openSpec(output, target, options);
  if (!spec) return EXIT.problems;
  const reports = methodsOf(spec).map(flowReport);
  if (options.json)
    writeJson(output, spec.named === undefined ? { file: spec.file, methods: reports } : { file: spec.file, ...reports[0] });
  else
    for (const [i, report] of reports.entries())
      output.out(`${i > 0 ? '\n' : ''}${flowText(report, spec.file, { colour: output.colourOut === true, markdown: options.markdown })}`);
  return EXIT.good;
}
