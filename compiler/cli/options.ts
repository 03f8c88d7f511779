/** Options that several commands have, and how their values are read. */
import { type Command, InvalidArgumentError, Option } from 'commander';

/** The argument that names what is checked, built or run. */
export const SPEC = 'FILE.wsss, or FILE.wsss#METHOD for one method or variant';

/** A whole number of at least `least`. */
export function whole(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`It should be a whole number of at least ${least}.`);
  };
}

export function anyNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('It should be a number.');
}

/** `from,to,step` with from at most to and a step above 0. */
export function range(text: string): readonly [number, number, number] {
  const [from, to, step, ...more] = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (more.length === 0 && [from, to, step].every((value) => Number.isFinite(value)) && from <= to && step > 0) return [from, to, step];
  throw new InvalidArgumentError('It should be FROM,TO,STEP, for example 0.05,0.6,0.05.');
}

/** Whole numbers, each once. */
function seedList(text: string): readonly number[] {
  const seeds = text.split(',').map(whole(0));
  if (new Set(seeds).size === seeds.length) return seeds;
  throw new InvalidArgumentError('It names a seed twice.');
}

/** `2/8`: the second of eight parts. */
export function slice(text: string): { readonly i: number; readonly n: number } {
  const [i, n] = (/^(\d+)\/(\d+)$/.exec(text.trim()) ?? []).slice(1).map(Number);
  if (i >= 1 && i <= n) return { i, n };
  throw new InvalidArgumentError('It should be I/N with I from 1 to N, for example 2/8.');
}

/** `512`, or `384x512`: height and width. */
export function sides(text: string): readonly [number, number] {
  const found = /^(\d+)(?:x(\d+))?$/.exec(text.trim());
  const [height, width] = found ? [Number(found[1]), Number(found[2] ?? found[1])] : [0, 0];
  if (height >= 1 && width >= 1) return [height, width];
  throw new InvalidArgumentError('It should be a number of pixels, or HEIGHTxWIDTH, for example 384x512.');
}

/** `NAME=VALUE`, collected. */
export function namedSize(text: string, before: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  const found = /^([A-Za-z_]\w*)=(\d+)$/.exec(text.trim());
  if (found && Number(found[2]) >= 1) return { ...before, [found[1]]: Number(found[2]) };
  throw new InvalidArgumentError('It should be NAME=VALUE, for example h2=128.');
}

/** A path that is not empty: an empty one would mean the folder the command is given in. */
export function path(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('It should be a path, and is empty.');
}

/** `DIR` or `NAME=DIR`. */
function collectData(text: string, before: readonly string[]): readonly string[] {
  if (text.trim() === '' || /^[\p{L}_][\p{L}\p{N}_]*=\s*$/u.test(text))
    throw new InvalidArgumentError('It should be DIR or NAME=DIR, and DIR is empty.');
  return [...before, text];
}

export function collect(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}

const CODES = 'Exit codes: 0 good, 1 problems found in the spec or the data, 2 wrong use, 3 failure while running';

/** The end of a command's help: examples and exit codes. */
export function example(command: Command, ...lines: readonly string[]): Command {
  const heading = lines.length === 1 ? 'Example:' : 'Examples:';
  return command.addHelpText('after', `\n${heading}\n${lines.map((line) => `  $ ${line}`).join('\n')}\n\n${CODES}`);
}

export function withJson(command: Command): Command {
  return command.option('--json', 'results and problems as JSON on standard output', false);
}

export function withSettings(command: Command): Command {
  return command.option('--set <name=value>', 'override a hyper of the method; may be repeated', collect, []);
}

export function withBackend(command: Command): Command {
  return command.addOption(
    new Option('--backend <name>', 'chosen automatically otherwise').choices(['tensorflow', 'webgpu', 'wasm', 'cpu']),
  );
}

/** Folders of data sets. */
function withData(command: Command): Command {
  return command.option(
    '--data <dir>',
    'a folder in the layout of PASCAL VOC, in place of what the spec names; NAME=DIR for one of several data sets',
    collectData,
    [],
  );
}

function withMachine(command: Command): Command {
  return withBackend(command).option('--workers <n>', 'worker threads; all cores otherwise', whole(1));
}

/** Data, seed, backend and threads. */
export function withComputing(command: Command): Command {
  return withMachine(withData(command).option('--seed <n>', 'seed of every draw', whole(0)));
}

/** The same with several seeds. */
export function withSeeds(command: Command): Command {
  return withMachine(withData(command).option('--seeds <list>', 'seeds, each a run of its own: 0,1,2', seedList, [0]));
}

export function withNumerics(command: Command): Command {
  return command.option(
    '--check-numerics',
    'look at the result of every operator, and stop at the first value that is not finite: its line in the spec, its inputs, the images (slower)',
    false,
  );
}

/** Where backbones start from. */
export function withPretraining(command: Command): Command {
  return command
    .option(
      '--weights <file>',
      'safetensors with the weights of a backbone that asks for them, as torchvision names them; NAME=FILE for one of several backbones',
      collect,
      [],
    )
    .option('--from-scratch', 'such backbones start from random values; every score says so', false);
}

export function withCheckpoints(command: Command): Command {
  return command.option('--checkpoint-every <steps>', 'steps between two checkpoints; every half minute otherwise', whole(1));
}
