/** From a checked method to its program: gradients for every phase, the update, and the inference graphs. */
import type { CheckedMethod } from './check/check.ts';
import { hasBackground } from './check/kinds.ts';
import { CLASS_DIM } from './check/method.ts';
import { type Separability, separableForward } from './flow/report.ts';
import type { InferPlan, MethodProgram, TrainPlan } from './ir/program.ts';
import type { Graph } from './ops/graph.ts';
import { type PhaseGraphs, phaseGraphs, phaseUpdates } from './transform/phases.ts';
import { simplify } from './transform/simplify.ts';

/** The dimension that counts the images of a batch. */
export const BATCH_DIM = 'N';

export type Compiled =
  | {
      readonly ok: true;
      readonly program: MethodProgram;
      readonly separability: Readonly<Record<string, Separability>>;
    }
  | { readonly ok: false; readonly problems: Extract<PhaseGraphs, { ok: false }>['problems'] };

export interface CompileOptions {
  /** The update gives the clipped gradients too. */
  readonly clippedGradients?: boolean;
}

/** What compiling needs of a checked method; a compare case brings a method that no file declares. */
export type CompilableMethod = Omit<CheckedMethod, 'source' | 'pipeline' | 'hypers'>;

export function compileMethod(checked: CompilableMethod, options: CompileOptions = {}): Compiled {
  const graphs: Record<string, Graph> = {};
  const separability: Record<string, Separability> = {};
  const states = [...checked.states.values()];
  let train: TrainPlan | undefined;
  let slots: MethodProgram['state'] = [];
  if (checked.train) {
    const { frozen, freezing, span: _, ...plan } = checked.train;
    const losses = checked.forward.losses.map(({ node: _, when: __, ...loss }) => loss);
    const split = separableForward(simplify(checked.forward.graph, { final: false }), BATCH_DIM);
    const phases = phaseGraphs(
      split.forward,
      losses,
      states.filter((s) => s.role === 'parameter' && !frozen.has(s.key)),
      checked.forward.E.updateSpans,
      freezing,
    );
    if (!phases.ok) return phases;
    Object.assign(graphs, phases.graphs);
    for (const name of Object.keys(phases.graphs)) separability[name] = split.separability;
    const trained = new Set(phases.trained.map(({ key }) => key));
    const averages = states.filter(({ average }) => average && trained.has(average.of));
    const updates = phaseUpdates(plan.optimizer, phases, { ...options, averages });
    Object.assign(graphs, updates.graphs);
    slots = updates.slots;
    train = { ...plan, losses, phases: updates.phases, update: 'update' };
  }
  const infer: Record<string, InferPlan> = {};
  for (const program of checked.infer) {
    const name = `infer.${program.name}`;
    graphs[name] = simplify(program.graph, { final: true });
    infer[program.name] = {
      name: program.name,
      graph: name,
      inputs: program.graph.nodes.flatMap((node) => {
        if (node.op !== 'input' || node.attrs.role !== 'batch') return [];
        const input = String(node.attrs.name);
        const source = program.E.inferInputs.get(input);
        return source ? [{ input, ...source }] : [];
      }),
      photo: program.photo,
      readsTags: program.readsTags,
      returns: program.results.map(({ name, node }) => ({ name, kind: node.kind, background: hasBackground(node.type.shape, CLASS_DIM) })),
      span: program.block.span,
    };
  }
  const program: MethodProgram = {
    name: checked.name,
    state: [...states, ...slots],
    graphs,
    batchDim: BATCH_DIM,
    classDim: CLASS_DIM,
    train,
    infer,
    supervision: checked.supervision,
    ...(checked.readings.length > 0 ? { readings: checked.readings } : {}),
    ...(checked.pretrained ? { pretrained: checked.pretrained } : {}),
  };
  return { ok: true, program, separability };
}
