/** `wsss train --overfit-one-batch`: the first test of a new spec. What cannot learn four images by heart will not learn a data set. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { trainPlan } from '../../runtime/pipeline/single.ts';
import { readLog } from '../../runtime/train/log.ts';
import type { CheckedMethod } from '../check/check.ts';
import { EXIT, type Output, writeJson, writeProblem } from './output.ts';
import { datasetPlans, loadMethod, runPlan } from './session.ts';
import type { OpenedSpec } from './spec.ts';
import { type TrainCommand, trainingSplit } from './train.ts';

/** Part of the first loss below which the batch counts as learnt. */
const LEARNT = 0.1;

/**
 * Trains on the first batch of the run, its views drawn once, with every loss of the method, in a folder of its own that starts empty. Exit 0 when
 * the total fell below a tenth of its first value, 3 otherwise.
 */
export async function overfitOneBatch(
  output: Output,
  { file, checked, diagnostics }: OpenedSpec,
  method: CheckedMethod,
  options: TrainCommand & { readonly overfitOneBatch: number },
): Promise<number> {
  const { init, masks, overfitOneBatch: steps } = options;
  const out = join(options.out, 'overfit-one-batch');
  await rm(out, { recursive: true, force: true });
  const loaded = await loadMethod(out, method, file, options);
  const { name, train } = loaded.program.meta;
  const on = trainingSplit(loaded.program, options);
  const plan = trainPlan({ program: name, on, steps, oneBatch: true, init, masks, datasets: datasetPlans(checked) });
  const result = await runPlan(plan, { [name]: loaded }, out, options, options);
  const records = await readLog(join(out, 'train', 'log.jsonl'));
  const first = records[0]?.losses ?? {};
  const last = records[records.length - 1]?.losses ?? {};
  const learnt = last.total < LEARNT * first.total;
  const problem = {
    code: 'not-overfitted',
    message: `one batch of ${train?.batch ?? 0} was not learnt in ${steps} steps`,
    expected: `a total below ${shown(LEARNT * first.total)}, a tenth of its first value`,
    found: `${shown(last.total)} after ${shown(first.total)} at the start`,
    hint: 'Give more steps or another learning rate; where neither helps, look for layers without a gradient, or for a loss that cannot get small.',
  };
  if (options.json) {
    const error = learnt ? undefined : problem;
    writeJson(output, {
      file,
      method: method.name,
      out,
      backend: result.backend.name,
      steps,
      learnt,
      first,
      last,
      error,
      diagnostics: diagnostics.toJson(),
    });
    return learnt ? EXIT.good : EXIT.failure;
  }
  for (const [loss, value] of Object.entries(first))
    output.out(`${loss}: ${shown(value)} at the start, ${shown(last[loss])} after ${steps} steps`);
  if (learnt) {
    output.out('learnt: the total fell below a tenth of its first value');
    return EXIT.good;
  }
  writeProblem(output, problem, false);
  return EXIT.failure;
}

function shown(value: number): string {
  return value.toPrecision(4);
}
