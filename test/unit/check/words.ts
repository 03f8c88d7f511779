/** Expressions of the language over an image [N, H, W, 3] and tags [N, K], evaluated in float64, with gradients. */
import { settle } from '../../../compiler/ir/rewrite.ts';
import type { Graph } from '../../../compiler/ops/graph.ts';
import { differentiate } from '../../../compiler/transform/differentiate.ts';
import { dims, evaluateGraph } from '../../graphs/build.ts';
import type { NdArray } from '../../reference/ndarray.ts';
import { checkSpec, methodAround } from './checking.ts';

const HEAD = 'loss size = mean(square(net(image).layer4))';

const graphs = new Map<string, Graph>();

/** The graph whose outputs are the expressions, by name. */
export function watched(expressions: Readonly<Record<string, string>>, loss?: string): Graph {
  const key = JSON.stringify([expressions, loss]);
  const graph = graphs.get(key) ?? built(expressions, loss);
  graphs.set(key, graph);
  return graph;
}

function built(expressions: Readonly<Record<string, string>>, loss: string | undefined): Graph {
  const lines = Object.entries(expressions).map(([name, text]) => `  watch ${name} = ${text}`);
  const { checked, diagnostics } = checkSpec('m.wsss', methodAround([`  ${HEAD}`, ...lines].join('\n')));
  const problems = diagnostics.toJson().filter((d) => d.severity === 'error');
  if (problems.length > 0) throw new Error(problems.map((p) => `${p.code}: ${p.message}`).join('\n'));
  const graph = checked?.methods.get('m')?.forward.E.forwardGraph();
  if (!graph) throw new Error('no method');
  const outputs = graph.outputs.flatMap((o) => (o.role !== 'output' ? [] : o.name === loss ? [{ ...o, role: 'loss' as const }] : [o]));
  return settle('words', graph.nodes, outputs, []);
}

export interface Fed {
  readonly image: NdArray;
  readonly tags: NdArray;
}

function sizesOf({ image, tags }: Fed): Readonly<Record<string, number>> {
  const [N, H, W] = image.shape;
  return { N, H, W, K: tags.shape[1] };
}

function feedsOf({ image, tags }: Fed): ReadonlyMap<string, NdArray> {
  return new Map([
    ['batch:image', image],
    ['batch:tags', tags],
  ]);
}

/** Values of the expressions. */
export function values(expressions: Readonly<Record<string, string>>, fed: Fed): ReadonlyMap<string, NdArray> {
  const found = evaluateGraph(watched(expressions), feedsOf(fed), sizesOf(fed));
  return new Map([...found].map(([key, value]) => [key.replace(/^output:/, ''), value]));
}

/** Value of a scalar expression and its gradient with respect to the image. */
export function withGradient(expression: string, fed: Fed): { readonly value: number; readonly gradient: NdArray } {
  const graph = watched({ it: expression }, 'it');
  const wanted = { role: 'batch' as const, name: 'image', type: { dtype: 'f32' as const, shape: dims('N', 'H', 'W', 3) } };
  const result = differentiate(graph, { losses: [{ name: 'it', weight: 1 }], wanted: [wanted], unreached: 'zero', name: 'words' });
  if (!result.ok) throw new Error(JSON.stringify(result.problems.map(({ kind, subject }) => [kind, subject])));
  const found = evaluateGraph(result.graph, feedsOf(fed), sizesOf(fed));
  const value = [...found].find(([key]) => key === 'loss:it')?.[1];
  const gradient = [...found].find(([key]) => key.startsWith('gradient:'))?.[1];
  if (!value || !gradient) throw new Error([...found.keys()].join(', '));
  return { value: value.data[0], gradient };
}
