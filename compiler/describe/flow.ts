/** `wsss flow`: what the losses of a method train, what mixes its images, and what it learns from, as plain data. */
import type { CheckedMethod } from '../check/check.ts';
import { BATCH_DIM } from '../compile.ts';
import { mixings } from '../flow/mixing.ts';
import { partsOf } from '../flow/parts.ts';
import { type Separability, separableForward } from '../flow/report.ts';
import { type Cell, flowTable, type Standing } from '../flow/table.ts';
import type { WeightRamp } from '../ir/program.ts';
import { showShape } from '../shape/dim.ts';
import type { Span } from '../source/source.ts';
import { phasesOf } from '../transform/phases.ts';
import { simplify } from '../transform/simplify.ts';
import { placeOf, type ValuePlace } from './place.ts';
import { type GroundTruthUse, groundTruthUses } from './supervision.ts';

export type FlowCell =
  | { readonly kind: 'reached'; readonly through: readonly ValuePlace[] }
  | { readonly kind: 'cut'; readonly at: readonly ValuePlace[] }
  | { readonly kind: 'unrelated' }
  | { readonly kind: 'still' };

export interface FlowReport {
  readonly method: string;
  readonly losses: readonly {
    readonly name: string;
    readonly weight: number | WeightRamp;
    readonly fromEpoch: number;
    readonly untilEpoch?: number;
    /** The condition on the data under which it counts, as written. */
    readonly when?: string;
    /** What becomes of parameters that only losses reach which are off. */
    readonly off: 'zero' | 'untouched';
    /** Batch inputs whose values it depends on. */
    readonly reads: readonly string[];
    /** Where its gradients end although trained parameters lie behind. */
    readonly cuts: readonly (ValuePlace & { readonly behind: readonly string[] })[];
  }[];
  readonly rows: readonly {
    readonly parts: readonly string[];
    readonly tensors: number;
    /** `average`: a shadow, which follows other parameters and never receives a gradient. */
    readonly standing: Standing | 'average';
    readonly follows?: { readonly parts: readonly string[]; readonly momentum: number };
    readonly group?: string;
    readonly rate?: number;
    readonly weightDecay?: number;
    /** By loss. */
    readonly cells: Readonly<Record<string, FlowCell>>;
  }[];
  /** Which losses are computed from which epoch on. */
  readonly phases: readonly {
    readonly fromEpoch: number;
    readonly losses: readonly string[];
    /** Parts that train in other epochs, and not in these. */
    readonly frozen?: readonly string[];
  }[];
  readonly watches: readonly { readonly name: string; readonly kind: string; readonly shape: string }[];
  readonly batch: {
    /** Whether a step may be computed in parts of its batch, and with which weights. */
    readonly step: Separability;
    /** Operators at which images of a batch meet; like ones of one line together. */
    readonly mixes: readonly (ValuePlace & {
      readonly how: 'mean' | 'sum' | 'coupled';
      readonly reason: string;
      readonly times: number;
      readonly outputs: readonly string[];
    })[];
  };
  readonly supervision: {
    readonly declared: readonly string[];
    /** Batch inputs of the training step that say what is in an image, with the losses that read them. */
    readonly inputs: readonly { readonly name: string; readonly kind: string; readonly losses: readonly string[] }[];
    /** Whatever else reads labels: inference with tags, thresholds and checkpoints that are chosen on ground truth, scores. */
    readonly groundTruth: readonly GroundTruthUse[];
  };
}

export function flowReport(method: CheckedMethod): FlowReport {
  const { graph, losses, E } = method.forward;
  const parameters = [...method.states.values()].flatMap((state) => (state.role === 'parameter' ? [state.key] : []));
  const groups = method.train?.optimizer.groups ?? [];
  const table = flowTable({ graph, parameters, frozen: method.train?.frozen ?? new Set(), groups });
  const simple = simplify(graph, { final: false });
  const rateOf = new Map(groups.map((group) => [group.name, group] as const));
  return {
    method: method.name,
    losses: table.losses.map(({ name, reads, cuts }) => {
      const declared = losses.find((loss) => loss.name === name);
      return {
        name,
        weight: declared?.weight ?? 1,
        fromEpoch: declared?.fromEpoch ?? 0,
        ...(declared?.untilEpoch === undefined ? {} : { untilEpoch: declared.untilEpoch }),
        ...(declared?.when ? { when: textOf(declared.when) } : {}),
        off: declared?.off ?? 'zero',
        reads,
        cuts: cuts.map(({ block, behind }) => ({ ...placeOf(block.node), behind })),
      };
    }),
    rows: [
      ...table.rows.map((row) => {
        const group = row.group === undefined ? undefined : rateOf.get(row.group);
        return {
          parts: row.parts,
          tensors: row.keys.length,
          standing: row.standing,
          ...(group ? { group: group.name, rate: group.rate, weightDecay: group.weightDecay } : {}),
          cells: Object.fromEntries(row.cells.map((cell, i) => [table.losses[i].name, cellOf(cell)] as const)),
        };
      }),
      ...shadowRows(
        method,
        losses.map((loss) => loss.name),
      ),
    ],
    phases: phasesOf(losses, E.updateSpans, method.train?.freezing).map(({ fromEpoch, active, frozen }) => ({
      fromEpoch,
      ...(frozen.length > 0 && { frozen: partsOf(parameters, new Set(frozen)) }),
      losses: active.map((loss) => loss.name),
    })),
    watches: E.watches.map(({ name, node }) => ({ name, kind: node.kind, shape: showShape(node.type.shape) })),
    batch: { step: separableForward(simple, BATCH_DIM).separability, mixes: mixesOf(simple) },
    supervision: {
      declared: method.supervision,
      inputs: graph.nodes.flatMap((node) => {
        if (node.op !== 'input' || node.attrs.role !== 'batch' || node.kind === 'image' || node.kind === 'region') return [];
        const name = String(node.attrs.name);
        return [{ name, kind: node.kind, losses: table.losses.filter((loss) => loss.reads.includes(name)).map((loss) => loss.name) }];
      }),
      groundTruth: groundTruthUses(method),
    },
  };
}

/** One row for each shadow: what it follows, how fast, and that no gradient comes. */
function shadowRows(method: CheckedMethod, losses: readonly string[]): FlowReport['rows'] {
  const averages = [...method.states.values()].flatMap(({ key, average }) => (average ? [{ key, average }] : []));
  const all = averages.map(({ key }) => key);
  const followed = [...method.states.values()].flatMap((state) => (state.role === 'parameter' ? [state.key] : []));
  const names = [...new Set(all.map((key) => key.split('.')[0]))];
  return names.map((name) => {
    const own = averages.filter(({ key }) => key.split('.')[0] === name);
    return {
      parts: partsOf(all, new Set(own.map(({ key }) => key))),
      tensors: own.length,
      standing: 'average',
      follows: { parts: partsOf(followed, new Set(own.map(({ average }) => average.of))), momentum: own[0].average.momentum },
      cells: Object.fromEntries(losses.map((loss) => [loss, { kind: 'still' }] as const)),
    };
  });
}

/** A piece of a spec on one line. */
function textOf({ file, start, end }: Span): string {
  return file.text.slice(start, end).replace(/\s+/g, ' ');
}

function cellOf(cell: Cell): FlowCell {
  switch (cell.kind) {
    case 'reached':
      return { kind: 'reached', through: cell.through.map(placeOf) };
    case 'cut':
      return { kind: 'cut', at: cell.at.map((block) => placeOf(block.node)) };
    default:
      return cell;
  }
}

function mixesOf(graph: Parameters<typeof mixings>[0]): FlowReport['batch']['mixes'] {
  const found = new Map<string, FlowReport['batch']['mixes'][number]>();
  for (const { node, how, reason, outputs } of mixings(graph, BATCH_DIM)) {
    const place = placeOf(node);
    const key = JSON.stringify([place.place, place.operator, how, reason]);
    const known = found.get(key);
    found.set(
      key,
      known
        ? { ...known, times: known.times + 1, outputs: [...new Set([...known.outputs, ...outputs])] }
        : { ...place, how, reason, times: 1, outputs },
    );
  }
  return [...found.values()];
}
