/**
 * Identity of a program: hashes of what decides a result, and of nothing else. One is of the whole, to show and to compare; the others are of
 * the slice that one kind of stage depends on and become part of its key: an edit of inference keeps what was trained, an edit of a rate, a
 * view or a first value does not. Names that stand in artefacts (state, losses, graphs) count, and that of the
 * method only for the whole: variants that train alike share what is trained. Places in the text, comments, names of
 * locals and the order of independent statements do not.
 */

import { toJson } from '../shape/dim.ts';
import { numberToJson } from './attributes.ts';
import { hashWithNames, OPERATOR_TABLE_VERSION } from './canonical.ts';
import type { MethodProgram, StateDeclaration } from './program.ts';
import { sha256 } from './sha256.ts';

/** Of every graph with its names, the state with first values, and the plans. */
export function hashProgram(program: MethodProgram): string {
  const { graphs, state, readings: _, ...rest } = program;
  return slice(program, 'program', { graphs: named(program, Object.keys(graphs)), state: stateForm(state), rest });
}

/**
 * Of everything that a program says about training: gradient graphs, update, state with first values, views, losses, groups, rates, schedule and
 * length. The data set it names is left out: a stage may name another, and its key has the one that is read. Undefined without training.
 */
export function hashTraining(program: MethodProgram): string | undefined {
  if (!program.train) return undefined;
  const { source: _, ...plan } = program.train;
  const { graphs: __, state, train: ___, infer: ____, supervision: _____, name: ______, readings: _______, ...rest } = program;
  const graphs = named(program, [
    ...plan.phases.flatMap(({ graph, update }) => (update === undefined ? [graph] : [graph, update])),
    plan.update,
  ]);
  // What chooses the best weights decides them too; a case has no inference programs, and runs no validation.
  const chosenBy = (plan.validate ?? []).flatMap(({ program: name }) => (program.infer[name] ? [hashInference(program, name)] : []));
  return slice(program, 'train', { graphs, state: stateForm(state), plan, rest, ...(chosenBy.length > 0 && { chosenBy }) });
}

/**
 * Of one inference program: how its inputs are made, and its graph, which names the state that it reads with dtype and shape. Values of the state
 * come from a checkpoint, with its own key. Throws RangeError when there is no such inference program.
 */
export function hashInference(program: MethodProgram, name: string): string {
  const plan = program.infer[name];
  if (!plan) throw new RangeError(`no inference program '${name}'`);
  return slice(program, 'infer', { graphs: named(program, [plan.graph]), plan });
}

function slice({ batchDim, classDim }: MethodProgram, kind: string, content: object): string {
  return sha256(sorted([OPERATOR_TABLE_VERSION, kind, batchDim, classDim, content]));
}

function named({ graphs }: MethodProgram, names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, hashWithNames(graphs[name])]));
}

/** By key: first values depend on the key, not on the place in the list. */
function stateForm(state: readonly StateDeclaration[]): Readonly<Record<string, object>> {
  return Object.fromEntries(
    state.map(({ key, span: _, type, ...entry }) => [key, { ...entry, dtype: type.dtype, shape: JSON.stringify(type.shape.map(toJson)) }]),
  );
}

/** JSON with sorted keys. Places in the text, the only values with a file, are left out, as are fields without a value. */
function sorted(value: unknown): string {
  if (typeof value === 'number') return JSON.stringify(numberToJson(value));
  if (Array.isArray(value)) return `[${value.map(sorted).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const fields = Object.entries(value).filter(([, field]) => field !== undefined && !isPlace(field));
  fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${sorted(field)}`).join(',')}}`;
}

function isPlace(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'file' in value && 'start' in value && 'end' in value;
}
