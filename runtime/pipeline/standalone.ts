/** Running one generated program without the compiler: train it, or run one of its inference programs. */
import { parseArgs } from 'node:util';
import { processFacts } from '../host/environment.ts';
import { consoleProgress, print, printFailure } from '../host/terminal.ts';
import type { Program } from '../program.ts';
import { RunError } from '../train/errors.ts';
import type { PipelinePlan } from './plan.ts';
import { runPipeline } from './run.ts';
import { inferPlan, trainPlan } from './single.ts';

const USAGE = `usage: node PROGRAM.js train --data DIR [--split train] [--epochs N | --steps N] [--init CHECKPOINT] [--masks DIR] [--weights FILE | --from-scratch]
       node PROGRAM.js infer NAME --data DIR --checkpoint FILE [--split val] [--labels]
both:  [--out DIR] [--seed N] [--backend tensorflow|webgpu|wasm|cpu] [--workers N] [--limit N]

example: node PROGRAM.js train --data VOCdevkit/VOC2012 --split train_aug --out run`;

/**
 * Runs a program for the arguments after the script's name; `url` is the URL of the module that exports it as `program`, for worker threads.
 * Returns the exit code: 0 good, 1 problems in the data, 2 usage, 3 failure while running.
 */
export async function runProgram(program: Program, args: readonly string[], url: string): Promise<number> {
  try {
    const { plan, options } = planOf(program, args);
    const { artefacts } = await runPipeline({
      plan,
      programs: { [program.meta.name]: { program, source: { url } } },
      out: options.out ?? 'out',
      data: options.data === undefined ? {} : { '': options.data },
      seed: numberOf(options.seed, 'seed') ?? 0,
      backend: options.backend,
      workers: numberOf(options.workers, 'workers') ?? processFacts().cores,
      pretraining: {
        files: options.weights === undefined ? {} : { '': options.weights },
        fromScratch: options['from-scratch'] ?? false,
      },
      progress: consoleProgress(),
    });
    for (const { folder } of artefacts.values()) print(folder);
    return 0;
  } catch (error) {
    printFailure(error);
    if (error instanceof RunError && error.code === 'run-usage') return 2;
    return error instanceof Error && error.name === 'DataError' ? 1 : 3;
  }
}

interface Options {
  readonly data?: string;
  readonly out?: string;
  readonly seed?: string;
  readonly backend?: string;
  readonly workers?: string;
  readonly weights?: string;
  readonly 'from-scratch'?: boolean;
}

/** The plan that the arguments ask for. Throws RunError `run-usage`. */
export function planOf(program: Program, args: readonly string[]): { readonly plan: PipelinePlan; readonly options: Options } {
  const text = { type: 'string' } as const;
  const known = {
    data: text,
    out: text,
    seed: text,
    backend: text,
    workers: text,
    split: text,
    limit: text,
    epochs: text,
    steps: text,
  } as const;
  let parsed: ReturnType<typeof parse>;
  function parse() {
    const options = {
      ...known,
      init: text,
      masks: text,
      weights: text,
      'from-scratch': { type: 'boolean' },
      checkpoint: text,
      labels: { type: 'boolean' },
    } as const;
    return parseArgs({ args: [...args], options, allowPositionals: true });
  }
  try {
    parsed = parse();
  } catch (error) {
    throw new RunError('run-usage', error instanceof Error ? error.message : String(error), USAGE);
  }
  const { values, positionals } = parsed;
  const [command, entry] = positionals;
  const name = program.meta.name;
  const source = program.meta.train?.source;
  const on = (split: string) => ({
    dataset: source?.dataset ?? 'data',
    split: values.split ?? split,
    limit: numberOf(values.limit, 'limit'),
  });
  let plan: PipelinePlan;
  if (command === 'train') {
    plan = trainPlan({
      program: name,
      on: on(source?.split ?? 'train'),
      epochs: numberOf(values.epochs, 'epochs'),
      steps: numberOf(values.steps, 'steps'),
      init: values.init,
      masks: values.masks,
    });
  } else if (command === 'infer' && entry !== undefined && values.checkpoint !== undefined) {
    plan = inferPlan({ program: name, entry, checkpoint: values.checkpoint, on: on('val'), save: values.labels ? 'labels' : 'maps' });
  } else throw new RunError('run-usage', command === 'infer' ? 'infer needs a name and --checkpoint' : 'say train or infer', USAGE);
  return { plan, options: values };
}

function numberOf(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new RunError('run-usage', `--${name} wants a whole number, found '${text}'`, USAGE);
}
