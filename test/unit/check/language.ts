/** Methods of a few lines whose numbers are computed: by the float64 reference, and by the program that they are compiled to. */
import type { CheckedMethod } from '../../../compiler/check/check.ts';
import { compileMethod } from '../../../compiler/compile.ts';
import { renderAll } from '../../../compiler/diagnostics/render.ts';
import type { MethodProgram } from '../../../compiler/ir/program.ts';
import type { Graph } from '../../../compiler/ops/graph.ts';
import { evaluate } from '../../../compiler/shape/dim.ts';
import { ndarray } from '../../reference/ndarray.ts';
import { referenceEvaluate } from '../../reference/primitives.ts';
import { load, numbers, runAndCompare } from '../emit/running.ts';
import { checkSpec } from './checking.ts';

export const DIMS = { N: 2, H: 6, W: 5, K: 3, h0: 7, w0: 8 } as const;

/** A method around some members: an image, tags and one layer `head`; `around` stands at the top of the file. */
export function methodOf(members: string, around = ''): string {
  return `language 1
import "std/layers"
${around}
method m {
  supervision tags
  input image: Image[N, H, W, 3]
  input tags: Tags[N, K]
  layer head = conv(K, kernel: 1)
${members}
  train {
    data voc.train { image = source |> normalize(imagenet) }
    epochs 1, batch 2
    optimizer sgd(lr: 0.1)
  }
}
dataset voc { format voc }
`;
}

/** Codes of what a text is told, with the text that they stand at. */
export function told(text: string): readonly string[] {
  const { diagnostics } = checkSpec('it.wsss', text);
  return diagnostics.all
    .filter((d) => d.severity === 'error')
    .map((d) => `${d.code} ${text.slice(d.span.start, d.span.end).split('\n')[0]}`);
}

/** The method of a text without errors. */
export function sound(text: string, name = 'm'): CheckedMethod {
  const { checked, diagnostics } = checkSpec('it.wsss', text);
  const method = checked?.methods.get(name);
  if (!method || diagnostics.hasErrors) throw new Error(renderAll(diagnostics.all));
  return method;
}

export function programOf(text: string): MethodProgram {
  const compiled = compileMethod(sound(text));
  if (!compiled.ok) throw new Error('does not compile');
  return compiled.program;
}

/** What leaves a graph, by role and name; inputs of one name have the same values in every graph. */
export function valuesOf(graph: Graph): Readonly<Record<string, readonly number[]>> {
  const feeds = new Map(
    graph.nodes.flatMap((node) => {
      if (node.op !== 'input') return [];
      const name = String(node.attrs.name);
      const shape = node.type.shape.map((d) => evaluate(d, DIMS));
      const seed = [...name].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) % 9973, 7);
      const count = shape.reduce((a, b) => a * b, 1);
      return [[name, ndarray(shape, numbers(seed, count))] as const];
    }),
  );
  const values = referenceEvaluate(graph.nodes, feeds, DIMS);
  return Object.fromEntries(graph.outputs.map(({ role, name, node }) => [`${role} ${name}`, [...(values.get(node)?.data ?? [])]]));
}

/** Losses and watched values of the training step, before anything is rewritten. */
export function forwardOf(text: string): Readonly<Record<string, readonly number[]>> {
  return valuesOf(sound(text).forward.graph);
}

/** The result of an inference program. */
export function inferredOf(text: string, name: string): readonly number[] {
  const program = sound(text).infer.find((p) => p.name === name);
  if (!program) throw new Error(`no ${name}`);
  return valuesOf(program.graph)['output result'];
}

/** Emits the method, runs all its graphs and holds them against the reference. */
export async function runs(text: string): Promise<MethodProgram> {
  const program = programOf(text);
  const loaded = await load(program);
  for (const [key, graph] of Object.entries(program.graphs)) runAndCompare(loaded, key, graph, DIMS, 3);
  return program;
}
