/** The program of a case that takes training steps: the method's own, with its optimiser, groups, clipping and schedule. */
import type { CaseTrace, CaseTraining } from '../check/case.ts';
import type { CheckedForward } from '../check/check.ts';
import { evaluate } from '../check/evaluate.ts';
import { toNode } from '../check/nodes.ts';
import { parseLayout } from '../check/references.ts';
import type { Scope } from '../check/scope.ts';
import { type CheckedTrain, readTrain } from '../check/train.ts';
import { compileMethod } from '../compile.ts';
import type { Diagnostics } from '../diagnostics/diagnostics.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { MethodProgram } from '../ir/program.ts';
import type { GraphOutput } from '../ops/graph.ts';
import { TOTAL } from '../transform/differentiate.ts';
import { clippedName } from '../transform/optimize.ts';
import { type Binding, bindStates, feedsOf, inputsOf, parameterAxes, reportUnbound } from './binding.ts';
import type { Results } from './call-program.ts';
import type { OpenedCase, ReferenceShapes } from './open-case.ts';
import type { Feed, StackedResult, StepResult, TrainingPlan } from './plan.ts';

export interface TrainingProgram {
  readonly program: MethodProgram;
  readonly plan: TrainingPlan;
}

/** A method as the case configures it, elaborated for training. */
interface Configured {
  readonly forward: CheckedForward;
  readonly scope: Scope;
  readonly train: CheckedTrain;
}

/**
 * Builds the program; undefined after a report. With `loss and gradients alone` it is the very program of `wsss build`: values inside the
 * steps are no results, and the compiler may drop them.
 */
export function trainingProgram(
  opened: OpenedCase,
  training: CaseTraining,
  reference: ReferenceShapes,
  results: Results,
  diagnostics: Diagnostics,
): TrainingProgram | undefined {
  const configured = configure(training, diagnostics);
  if (!configured) return undefined;
  const { forward, train } = configured;
  const { checked } = opened;
  const binding = bindStates(checked);
  const all = results === 'all results';
  const traces = training.traces.filter(({ what }) => all || (what !== 'value' && what !== 'clipped_gradients'));
  const values = traces.flatMap((trace) => tracedValue(trace, configured));
  const compiled = compileMethod(
    {
      name: opened.name,
      states: checked.E.session.states,
      forward: { ...forward, graph: { ...forward.graph, outputs: [...forward.graph.outputs, ...values] } },
      infer: [],
      train,
      supervision: [],
      readings: [],
    },
    { clippedGradients: all },
  );
  if (!compiled.ok) {
    for (const { kind, subject, node } of compiled.problems)
      diagnostics.report('no-vjp', node?.span ?? training.span, { operator: subject, loss: kind });
    return undefined;
  }
  const keys = new Set(reference.shapes.keys());
  const graphs = Object.values(compiled.program.graphs);
  const declared = new Set(checked.E.session.states.keys());
  const states = new Map(
    graphs.flatMap(inputsOf).flatMap((n) => (declared.has(String(n.attrs.name)) && n.attrs.role === 'state' ? [[n.attrs.name, n]] : [])),
  );
  const state = feedsOf([...states.values()], checked, binding, keys);
  if (state.unbound.length > 0) return reportUnbound(state.unbound, diagnostics, training.span);
  const batch = batchFeeds(training, forward, diagnostics);
  const compared = resultsOf(traces, configured, binding, reference, diagnostics);
  if (!batch || !compared) return undefined;
  const steps = Math.max(
    training.epochs?.length ?? 1,
    ...compared.results.map(({ step }) => step),
    ...compared.stacked.map(({ key }) => reference.shapes.get(key)?.[0] ?? 1),
  );
  return {
    program: compiled.program,
    plan: {
      steps,
      total: training.total,
      epoch: training.epoch,
      ...(training.epochs && { epochs: training.epochs }),
      batch,
      state: state.bound,
      ...compared,
    },
  };
}

/** Elaborates the method's training step and its train block. */
function configure({ method, inputs: given, span }: CaseTraining, diagnostics: Diagnostics): Configured | undefined {
  const { E, scope } = method.forward();
  const block = method.source.members.find((member) => member.kind === 'train');
  const viewed = new Set(
    (block?.kind === 'train' ? block.items : []).flatMap((item) =>
      item.kind === 'data' ? item.views.flatMap(({ names }) => names.map(({ text }) => text)) : [],
    ),
  );
  const pairs = new Set((block?.kind === 'train' ? block.items : []).flatMap((item) => (item.kind === 'pair' ? [item.name.text] : [])));
  const made = (name: string): boolean => viewed.has(name) || pairs.has(name.split('.')[0]);
  // The case gives every input: one that no view of the data makes is not missing.
  const inputs = E.builder.nodes.filter(
    ({ op, attrs }) => op === 'input' && attrs.role === 'batch' && (made(String(attrs.name)) || !given.has(String(attrs.name))),
  );
  const train = block?.kind === 'train' ? readTrain(E, block, method.name, scope, inputs, []) : undefined;
  if (!block) diagnostics.report('missing-train', span, { method: method.name });
  if (!train || diagnostics.hasErrors) return undefined;
  return { forward: { E, graph: E.forwardGraph(), losses: E.losses }, scope, train };
}

/** The tensors that the case gives to the method's inputs: every one of them, and no other. */
function batchFeeds(training: CaseTraining, { E }: CheckedForward, diagnostics: Diagnostics): readonly Feed[] | undefined {
  const inputs = new Map(
    E.builder.nodes.flatMap((n) => (n.op === 'input' && n.attrs.role === 'batch' ? [[String(n.attrs.name), n] as const] : [])),
  );
  for (const name of training.inputs.keys())
    if (!inputs.has(name))
      diagnostics.report(
        'case-unknown-name',
        training.span,
        { what: 'input', name },
        { hint: didYouMean(name, [...inputs.keys()]) ?? `its inputs are ${[...inputs.keys()].join(', ')}` },
      );
  // A misspelt input would be missing too.
  if (diagnostics.hasErrors) return undefined;
  for (const name of inputs.keys())
    if (!training.inputs.has(name)) diagnostics.report('missing-argument', training.span, { callee: 'train', name });
  if (diagnostics.hasErrors) return undefined;
  return [...training.inputs].map(([name, { key, layout }]) => ({ role: 'batch', name, key, axes: parseLayout(layout) }));
}

const valueName = (key: string): string => `trace.${key}`;

/** A value in the words of the method, as one more output of its step. */
function tracedValue(trace: CaseTrace, { forward, scope }: Configured): readonly GraphOutput[] {
  if (trace.what !== 'value' || !trace.value) return [];
  const node = toNode(forward.E, evaluate(forward.E, trace.value, scope), trace.span, `trace "${trace.key}"`);
  return node ? [{ role: 'output', name: valueName(trace.key), node }] : [];
}

function resultsOf(
  traces: readonly CaseTrace[],
  { forward, train }: Configured,
  binding: Binding,
  reference: ReferenceShapes,
  diagnostics: Diagnostics,
): Pick<TrainingPlan, 'results' | 'stacked'> | undefined {
  const results: StepResult[] = [];
  const stacked: StackedResult[] = [];
  const known = (trace: CaseTrace, what: string, names: readonly string[]): void => {
    for (const name of trace.names)
      if (!names.includes(name))
        diagnostics.report(
          'case-unknown-name',
          trace.span,
          { what, name },
          { hint: didYouMean(name, names) ?? `there are ${names.join(', ')}` },
        );
  };
  const groups = train.optimizer.groups.map(({ name }) => name);
  for (const trace of traces) {
    const key = `out.${trace.key}`;
    switch (trace.what) {
      case 'losses':
        known(trace, 'loss', [...forward.losses.map(({ name }) => name), TOTAL]);
        stacked.push({ of: 'losses', names: trace.names.length > 0 ? trace.names : [TOTAL], key });
        break;
      case 'rates':
        known(trace, 'group of parameters', groups);
        stacked.push({ of: 'rates', names: trace.names.length > 0 ? trace.names : groups, times: trace.times, key });
        break;
      case 'grad_norms':
        stacked.push({ of: 'grad_norms', names: [], key });
        break;
      case 'value':
        results.push({ from: 'outputs', name: valueName(trace.key), key, axes: parseLayout(trace.layout), step: trace.step ?? 1 });
        break;
      case 'parameters':
      case 'clipped_gradients':
        for (const [bare, full] of matching(trace.key, reference.shapes)) {
          for (const state of binding.byFile.get(bare) ?? []) {
            const declared = forward.E.session.states.get(state);
            if (!declared) continue;
            const place = { key: full, axes: parameterAxes(declared.type), step: trace.step ?? 1 };
            if (trace.what === 'parameters') results.push({ from: 'state', name: state, ...place });
            else results.push({ from: 'update outputs', name: clippedName(state), ...place });
          }
        }
        break;
    }
  }
  return diagnostics.hasErrors ? undefined : { results, stacked };
}

/** Keys of the file under `after_step1.*`, as the parameter's name and the whole key. */
function matching(pattern: string, shapes: ReadonlyMap<string, unknown>): readonly (readonly [string, string])[] {
  const prefix = `out.${pattern.replace(/\*$/, '')}`;
  return [...shapes.keys()].flatMap((key) => (key.startsWith(prefix) ? [[key.slice(prefix.length), key] as const] : []));
}
