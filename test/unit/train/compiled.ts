/** Methods written in a test, compiled and loaded, and the states that they train to. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileMethod } from '../../../compiler/compile.ts';
import { renderAll } from '../../../compiler/diagnostics/render.ts';
import type { MethodProgram } from '../../../compiler/ir/program.ts';
import { choose } from '../../../runtime/backend/choose.ts';
import type { Program } from '../../../runtime/program.ts';
import { readCheckpoint } from '../../../runtime/train/checkpoint.ts';
import { type TrainOptions, train } from '../../../runtime/train/loop.ts';
import { checkSpec } from '../check/checking.ts';
import { load } from '../emit/running.ts';
import { toyBatches, toyIds } from './toy.ts';

/** A method over pictures of one colour and two classes: `members`, and `settings` of its train block. */
export function colours(members: string, settings: string): string {
  return `language 1
import "std/layers"
import "std/losses"
import "std/cam"
dataset toy { format voc }
method colours {
  supervision tags
  input image: Image[N, H, W, 3]
  input tags: Tags[N, K]
${members}
  train {
    data toy.train { image = source |> normalize(signed) }
    ${settings}
  }
}
`;
}

export interface CompiledText {
  readonly method: MethodProgram;
  readonly program: Program;
}

/** Throws with the messages where the text has mistakes; warnings are let through. */
export async function compileText(text: string, name = 'colours'): Promise<CompiledText> {
  const { checked, diagnostics } = checkSpec('colours.wsss', text);
  const method = checked?.methods.get(name);
  if (!method || diagnostics.hasErrors) throw new Error(renderAll(diagnostics.all));
  const compiled = compileMethod(method);
  if (!compiled.ok) throw new Error(compiled.problems.map(({ kind, subject }) => `${kind} ${subject}`).join(', '));
  return { method: compiled.program, program: await load(compiled.program) };
}

export type State = ReadonlyMap<string, readonly number[]>;

/** The state after some steps (or epochs), and what the losses were. */
export async function trained(program: Program, length: Partial<TrainOptions>, images = 16): Promise<State> {
  await choose('cpu');
  const out = await mkdtemp(join(tmpdir(), 'wsss-compiled-'));
  try {
    const { checkpoint } = await train({
      program,
      ids: toyIds(images),
      batches: toyBatches(2),
      classes: 2,
      seed: 3,
      backend: 'cpu',
      out,
      fingerprint: 'toy data',
      ...length,
    });
    const { tensors } = await readCheckpoint(checkpoint);
    return new Map([...tensors].map(([key, { data }]) => [key, Array.from(data, Number)] as const));
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}
