/** What a training step weighs before it is compiled for given sizes: the same numbers as `wsss cost`, also where a size is not known. */
import type { CheckedMethod } from '../check/check.ts';
import { compileMethod } from '../compile.ts';
import { type Count, countOf, NONE, plus } from '../cost/count.ts';
import type { MethodProgram } from '../ir/program.ts';
import type { Graph } from '../ops/graph.ts';
import { operator } from '../ops/table.ts';
import { multiply } from '../shape/dim.ts';
import type { Sizes } from './sizes.ts';

export interface StepCounts {
  /** Elements of all parameters, frozen ones too. */
  readonly parameters: Count;
  /** Multiply-adds of the forward pass with all losses; undefined where the method cannot be differentiated, so that there is no step. */
  readonly forward: Count | undefined;
}

const programs = new WeakMap<CheckedMethod, MethodProgram | undefined>();

function programOf(method: CheckedMethod): MethodProgram | undefined {
  if (!programs.has(method)) {
    const compiled = compileMethod(method);
    programs.set(method, compiled.ok ? compiled.program : undefined);
  }
  return programs.get(method);
}

export function stepCounts(method: CheckedMethod, sizes: Sizes): StepCounts {
  const program = programOf(method);
  const parameters = [...method.states.values()]
    .filter(({ role }) => role === 'parameter')
    .map(({ type }) => countOf(multiply(...type.shape), sizes))
    .reduce(plus, NONE);
  if (!program) return { parameters, forward: undefined };
  const phases = (program.train?.phases ?? []).map(({ graph }) => forwardCount(program.graphs[graph], sizes));
  return { parameters, forward: phases.reduce((most, phase) => (phase.known > most.known ? phase : most), phases[0] ?? NONE) };
}

function forwardCount(graph: Graph, sizes: Sizes): Count {
  let sum = NONE;
  for (const node of graph.nodes) {
    const macs = node.op === 'input' || node.phase !== 'forward' ? undefined : operator(node.op).macs?.(node);
    if (macs) sum = plus(sum, countOf(macs, sizes));
  }
  return sum;
}
