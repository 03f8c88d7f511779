/** `wsss cost`: parameters, multiply-adds and memory of a method for given sizes, as plain data. */
import type { CheckedMethod } from '../check/check.ts';
import { compileMethod } from '../compile.ts';
import { type GraphCost, graphCost } from '../cost/cost.ts';
import { inputName, isInput } from '../ir/paths.ts';
import type { MethodProgram, StateDeclaration } from '../ir/program.ts';
import { bytesOf, elementsOf } from '../ir/storage.ts';
import type { Graph } from '../ops/graph.ts';
import { peakBytes, planMemory } from '../transform/plan-memory.ts';
import { placeOf, type ValuePlace } from './place.ts';
import type { Sizes } from './sizes.ts';

export interface ModuleRow {
  /** Call path, `net.layer3`; empty for the method itself. */
  readonly path: string;
  /** Numbers of it and of everything inside it. */
  readonly parameters: number;
  readonly frozen: number;
  /** Elements of other state: moving statistics, averages. */
  readonly state: number;
  readonly forward: number;
  readonly step: number;
  /** Bytes of forward results that the backward pass reads. */
  readonly activationBytes: number;
}

export interface CostReport {
  readonly method: string;
  readonly sizes: Sizes;
  readonly parameters: { readonly total: number; readonly trained: number; readonly frozen: number };
  /** Elements of state that is not trained: moving statistics, averages; and of the optimiser's slots. */
  readonly state: number;
  readonly slots: number;
  readonly bytes: { readonly parameters: number; readonly state: number; readonly slots: number };
  /** Of the training step with all losses, and its forward pass alone; of a method without training, of nothing. */
  readonly multiplyAdds: { readonly forward: number; readonly step: number };
  readonly memory?: {
    /** Forward results that the backward pass reads. */
    readonly activations: number;
    /** Most bytes that a step holds beyond state and batch, by the memory plan, and where. */
    readonly peak: number;
    readonly peakAt?: ValuePlace;
    readonly batch: number;
    /** State, slots, batch and peak. */
    readonly total: number;
  };
  /** Phases of training, where losses start later. */
  readonly phases: readonly { readonly fromEpoch: number; readonly forward: number; readonly step: number; readonly peak: number }[];
  readonly infer: readonly { readonly name: string; readonly forward: number; readonly peak: number }[];
  /** Every call path, outer ones first, in the order of the spec. */
  readonly modules: readonly ModuleRow[];
}

/** Undefined where the method cannot be compiled; sizes as `sizesOf` gives them. */
export function costReport(method: CheckedMethod, sizes: Sizes): CostReport | undefined {
  const compiled = compileMethod(method);
  if (!compiled.ok) return undefined;
  const { program } = compiled;
  const frozen = method.train?.frozen ?? new Set<string>();
  const phases = (program.train?.phases ?? []).map(({ fromEpoch, graph }) => {
    const cost = graphCost(program.graphs[graph], sizes);
    return { fromEpoch, graph: program.graphs[graph], cost, peak: peakBytes(planMemory(program.graphs[graph]), sizes) };
  });
  const full = phases.reduce<(typeof phases)[number] | undefined>(
    (most, phase) => (most && most.cost.multiplyAdds.total >= phase.cost.multiplyAdds.total ? most : phase),
    undefined,
  );
  const of = (roles: readonly StateDeclaration['role'][]): readonly StateDeclaration[] =>
    program.state.filter((state) => roles.includes(state.role));
  const [parameters, slots, others] = [of(['parameter']), of(['slot']), of(['statistic', 'average', 'flag'])];
  const elements = (states: readonly StateDeclaration[]): number => states.reduce((sum, { type }) => sum + elementsOf(type, sizes), 0);
  const bytes = (states: readonly StateDeclaration[]): number => states.reduce((sum, { type }) => sum + bytesOf(type, sizes), 0);
  const kept = { parameters: bytes(parameters), state: bytes(others), slots: bytes(slots) };
  const still = elements(parameters.filter((p) => frozen.has(p.key)));
  const batch = full ? batchBytes(full.graph, sizes) : 0;
  return {
    method: method.name,
    sizes,
    parameters: { total: elements(parameters), trained: elements(parameters) - still, frozen: still },
    state: elements(others),
    slots: elements(slots),
    bytes: kept,
    multiplyAdds: { forward: full?.cost.multiplyAdds.forward ?? 0, step: full?.cost.multiplyAdds.total ?? 0 },
    ...(full
      ? {
          memory: {
            activations: full.cost.savedBytes,
            peak: full.peak.peak,
            ...(full.peak.at ? { peakAt: placeOf(full.peak.at) } : {}),
            batch,
            total: kept.parameters + kept.state + kept.slots + batch + full.peak.peak,
          },
        }
      : {}),
    phases: phases.map(({ fromEpoch, cost, peak }) => ({
      fromEpoch,
      forward: cost.multiplyAdds.forward,
      step: cost.multiplyAdds.total,
      peak: peak.peak,
    })),
    infer: Object.values(program.infer).map(({ name, graph }) => ({
      name,
      forward: graphCost(program.graphs[graph], sizes).multiplyAdds.total,
      peak: peakBytes(planMemory(program.graphs[graph]), sizes).peak,
    })),
    modules: moduleRows(program, full?.cost, frozen, sizes),
  };
}

function batchBytes(graph: Graph, sizes: Sizes): number {
  return graph.nodes.reduce((sum, node) => (isInput(node) && inputName(node).role !== 'state' ? sum + bytesOf(node.type, sizes) : sum), 0);
}

/** Numbers by call path, summed over what lies inside each. */
function moduleRows(program: MethodProgram, cost: GraphCost | undefined, frozen: ReadonlySet<string>, sizes: Sizes): readonly ModuleRow[] {
  type Sums = { -readonly [key in Exclude<keyof ModuleRow, 'path'>]: number };
  const rows = new Map<string, Sums>();
  const add = (path: string, change: Partial<Sums>): void => {
    for (const outer of outerPaths(path)) {
      let row = rows.get(outer);
      if (!row) {
        row = { parameters: 0, frozen: 0, state: 0, forward: 0, step: 0, activationBytes: 0 };
        rows.set(outer, row);
      }
      for (const [key, value] of Object.entries(change)) row[key as keyof Sums] += value;
    }
  };
  for (const { key, role, type } of program.state) {
    const count = elementsOf(type, sizes);
    const owner = key.split('.').slice(0, -1).join('.');
    if (role === 'parameter') add(owner, { parameters: count, ...(frozen.has(key) ? { frozen: count } : {}) });
    else if (role !== 'slot') add(owner, { state: count });
  }
  for (const [path, module] of cost?.modules ?? [])
    add(path, { forward: module.forward, step: module.forward + module.backward + module.update, activationBytes: module.savedBytes });
  return inOrder([...rows].map(([path, sums]) => ({ path, ...sums })));
}

/** `''`, `a`, `a.b` of `a.b`. */
function outerPaths(path: string): readonly string[] {
  const parts = path === '' ? [] : path.split('.');
  return ['', ...parts.map((_, i) => parts.slice(0, i + 1).join('.'))];
}

/** What lies inside a path directly behind it, siblings as they were met. */
function inOrder(rows: readonly ModuleRow[]): readonly ModuleRow[] {
  const children = new Map<string, ModuleRow[]>();
  for (const row of rows) {
    if (row.path === '') continue;
    const outer = row.path.split('.').slice(0, -1).join('.');
    const list = children.get(outer);
    if (list) list.push(row);
    else children.set(outer, [row]);
  }
  const from = (row: ModuleRow): readonly ModuleRow[] => [row, ...(children.get(row.path) ?? []).flatMap(from)];
  return rows.filter((row) => row.path === '').flatMap(from);
}
