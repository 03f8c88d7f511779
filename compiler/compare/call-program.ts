/** The program of a case that calls a module: its values, its objective, and the gradients that the reference file has. */
import type { CheckedCase } from '../check/case.ts';
import { parseLayout } from '../check/references.ts';
import type { Diagnostics } from '../diagnostics/diagnostics.ts';
import type { MethodProgram } from '../ir/program.ts';
import type { Graph, GraphOutput } from '../ops/graph.ts';
import { showShape } from '../shape/show.ts';
import { differentiate, TOTAL, type WantedInput } from '../transform/differentiate.ts';
import { simplify } from '../transform/simplify.ts';
import { type Binding, bindStates, dimensionSources, feedsOf, inputsOf, parameterAxes, reportUnbound } from './binding.ts';
import type { OpenedCase } from './open-case.ts';
import type { CallPlan, ComparedResult } from './plan.ts';
import type { StagesPlan } from './stage-plan.ts';
import { stageOutputs, stagesPlan } from './stages.ts';

/**
 * What the program gives: every value of the file, or the loss and its gradients alone, which lets the compiler drop what nobody else reads.
 * Both must be right.
 */
export type Results = 'all results' | 'loss and gradients alone';

export interface CallProgram {
  readonly program: MethodProgram;
  readonly plan: CallPlan;
  readonly stages: StagesPlan;
}

const GRAPH = 'case';

/** Builds the program; undefined after a report. `keys` are the keys of the reference file. */
export function callProgram(
  opened: OpenedCase,
  keys: ReadonlySet<string>,
  results: Results,
  diagnostics: Diagnostics,
): CallProgram | undefined {
  const { checked, name, span } = opened;
  const binding = bindStates(checked);
  const graph = graphOf(opened, binding, keys, results, diagnostics);
  if (!graph) return undefined;
  const feeds = feedsOf(inputsOf(graph), checked, binding, keys);
  if (feeds.unbound.length > 0) return reportUnbound(feeds.unbound, diagnostics, span);
  // Sizes may come from inputs that this program no longer reads.
  const known = [...checked.E.inputNodes.values()].filter((node) => node.attrs.role === 'batch');
  const measured = feedsOf(known, checked, binding, keys);
  const program: MethodProgram = {
    name,
    state: [...checked.E.session.states.values()],
    graphs: { [GRAPH]: graph },
    batchDim: 'N',
    classDim: 'K',
    train: undefined,
    infer: {},
    supervision: [],
  };
  const plan = {
    graph: GRAPH,
    feeds: feeds.bound,
    dimensions: [...dimensionSources(known, measured.bound), ...dimensionSources(inputsOf(graph), feeds.bound)],
    sizes: Object.assign({}, ...checked.stages.map((stage) => (stage.kind === 'infer' ? stage.sizes : {}))),
    results: summed(graph.outputs.flatMap((output) => comparedResult(output, checked, binding, keys))),
  };
  return { program, plan, stages: results === 'all results' ? stagesPlan(checked) : { stages: [], results: [] } };
}

/** The case's graph with its objective as the one loss, differentiated to every `grad.*` of the file. */
function graphOf(
  opened: OpenedCase,
  binding: Binding,
  keys: ReadonlySet<string>,
  results: Results,
  diagnostics: Diagnostics,
): Graph | undefined {
  const { checked, span } = opened;
  const { E } = checked;
  const outputs: GraphOutput[] = [];
  if (results === 'all results') {
    for (const { key, node } of checked.outputs) outputs.push({ role: 'output', name: key, node });
    for (const { key, state } of checked.updates) {
      const node = E.updates.get(state);
      if (node) outputs.push({ role: 'output', name: key, node });
    }
  }
  if (results === 'all results') outputs.push(...stageOutputs(checked));
  if (checked.objective.length === 0) return simplify(E.graph(GRAPH, outputs), { final: true });
  const total = checked.objective.reduce((a, b) => E.builder.add('add', [a, b], {}));
  const graph = E.graph(GRAPH, [...outputs, { role: 'loss', name: 'loss', node: total }]);
  const result = differentiate(simplify(graph, { final: false }), {
    losses: [{ name: 'loss', weight: 1 }],
    wanted: [...keys].flatMap((key) => (key.startsWith('grad.') ? wantedInput(key.slice('grad.'.length), checked, binding) : [])),
    unreached: 'zero',
    name: GRAPH,
  });
  if (result.ok) return simplify(result.graph, { final: true });
  for (const { kind, subject, node } of result.problems) {
    if (kind === 'loss-not-scalar') diagnostics.report('loss-not-scalar', span, { name: subject, shape: showShape(total.type.shape) });
    else diagnostics.report('no-vjp', node?.span ?? span, { operator: subject, loss: 'out.loss' });
  }
  return undefined;
}

/** The input or states whose gradient `grad.<name>` is; their types are given since nothing may read them. */
function wantedInput(name: string, checked: CheckedCase, binding: Binding): readonly WantedInput[] {
  const declared = (binding.byFile.get(name) ?? []).flatMap((state) => checked.E.session.states.get(state) ?? []);
  if (declared.length > 0) return declared.map(({ key, type }) => ({ role: 'state', name: key, type }));
  const node = checked.E.inputNodes.get(`batch:in.${name}`);
  return node ? [{ role: 'batch', name: `in.${name}`, type: node.type }] : [];
}

/** Gradients of one parameter of the file in several layers are one result. */
function summed(results: readonly ComparedResult[]): readonly ComparedResult[] {
  const byKey = new Map<string, ComparedResult>();
  for (const result of results) {
    const first = byKey.get(result.key);
    if (first?.from === 'gradients') byKey.set(result.key, { ...first, plus: [...(first.plus ?? []), result.name] });
    else byKey.set(result.key, result);
  }
  return [...byKey.values()];
}

function comparedResult(output: GraphOutput, checked: CheckedCase, binding: Binding, keys: ReadonlySet<string>): readonly ComparedResult[] {
  const found = ((): ComparedResult | undefined => {
    const { name } = output;
    switch (output.role) {
      case 'gradient': {
        const state = binding.states.get(name);
        if (state !== undefined) return { from: 'gradients', name, key: `grad.${state}`, axes: parameterAxes(output.node.type) };
        return { from: 'gradients', name, key: `grad.${name.replace(/^in\./, '')}`, axes: parseLayout(checked.inputs.get(name) ?? '') };
      }
      case 'loss':
        return name === TOTAL ? { from: 'losses', name, key: 'out.loss', axes: undefined } : undefined;
      case 'output': {
        const out = checked.outputs.find((o) => o.key === name);
        return { from: 'outputs', name, key: `out.${name}`, axes: parseLayout(out?.layout ?? ''), present: out?.present };
      }
      case 'state':
        return undefined;
    }
  })();
  return found && keys.has(found.key) ? [found] : [];
}
