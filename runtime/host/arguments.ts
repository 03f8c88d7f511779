/** Checks of what is handed to a graph of a generated program. */
import type { GraphArguments, GraphEntry, GraphPort, StateEntry, TensorMap } from '../program.ts';
import { SizeError } from '../size-arithmetic.ts';
import { checkAssertions, evaluateSize, showSize } from '../sizes.ts';

/** A graph was called without something it reads, or with something of another shape or type. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError';
}

const DTYPES = { f32: 'float32', i32: 'int32', bool: 'bool' } as const;

/**
 * Checks that every input of the graph is there with its shape and type for the given sizes, that no tensor was disposed, and that what the
 * compiler could not prove of the sizes holds. Throws ArgumentError or SizeError naming the graph and the input.
 */
export function checkArguments(graph: string, entry: GraphEntry, args: GraphArguments): void {
  for (const port of entry.inputs) {
    const given = fieldOf(port, args);
    const tensor = Object.hasOwn(given, port.name) ? given[port.name] : undefined;
    const wanted = `${DTYPES[port.dtype]} [${port.shape.map(showSize).join(', ')}]`;
    if (tensor === undefined)
      throw new ArgumentError(`graph '${graph}': the ${port.role} '${port.name}' was not given; expected ${wanted}`);
    if (tensor.isDisposed) throw new ArgumentError(`graph '${graph}': the ${port.role} '${port.name}' was already disposed`);
    const fits =
      tensor.dtype === DTYPES[port.dtype] &&
      tensor.shape.length === port.shape.length &&
      tensor.shape.every((n, axis) => n === size(graph, port, axis, args));
    if (!fits)
      throw new ArgumentError(
        `graph '${graph}': ${port.role} '${port.name}': expected ${wanted}${bound(port, args)}, found ${tensor.dtype} [${tensor.shape.join(', ')}]`,
      );
  }
  checkAssertions(entry, args.dims);
}

function fieldOf(port: GraphPort, args: GraphArguments): TensorMap {
  switch (port.role) {
    case 'state':
      return args.state;
    case 'batch':
      return args.batch;
    case 'draw':
      return args.draws;
    case 'scalar':
      return args.scalars;
    case 'gradient':
      return args.gradients;
    case 'loss':
    case 'output':
      throw new ArgumentError(`'${port.name}' is a result of a graph and cannot be one of its inputs`);
  }
}

function size(graph: string, port: GraphPort, axis: number, args: GraphArguments): number {
  try {
    return evaluateSize(port.shape[axis], args.dims);
  } catch (error) {
    if (error instanceof SizeError) throw new SizeError(`graph '${graph}', ${port.role} '${port.name}', axis ${axis}: ${error.message}`);
    throw error;
  }
}

function bound(port: GraphPort, args: GraphArguments): string {
  if (port.shape.every((part) => typeof part === 'number')) return '';
  const text = Object.entries(args.dims).map(([name, value]) => `${name} = ${value}`);
  return text.length === 0 ? '' : ` with ${text.join(', ')}`;
}

/** The ports of some state tensors (or of their gradients), in the order of the keys. Throws ArgumentError for a key the state does not have. */
export function statePorts(state: readonly StateEntry[], role: 'state' | 'gradient', keys: readonly string[]): readonly GraphPort[] {
  const entries = new Map(state.map((entry) => [entry.key, entry]));
  return keys.map((name) => {
    const entry = entries.get(name);
    if (entry === undefined) throw new ArgumentError(`the state has no tensor '${name}'`);
    return { role, name, dtype: 'f32', shape: entry.shape };
  });
}

/** The keys of all state tensors of some roles, in order of declaration; with `under` those of the layers of these paths only. */
export function keysOf(state: readonly StateEntry[], roles: readonly StateEntry['role'][], under?: readonly string[]): readonly string[] {
  const chosen = (key: string): boolean => under === undefined || under.some((path) => key === path || key.startsWith(`${path}.`));
  return state.filter(({ key, role }) => roles.includes(role) && chosen(key)).map(({ key }) => key);
}

/** What an optimiser keeps for each of some parameters: tensors of its shape that start as zeros, `<parameter>.<name>` for each name. */
export function slotsOf(declared: readonly StateEntry[], keys: readonly string[], names: readonly string[]): readonly StateEntry[] {
  const entries = new Map(declared.map((entry) => [entry.key, entry]));
  return keys.flatMap((key) => {
    const entry = entries.get(key);
    if (entry === undefined) throw new ArgumentError(`the state has no tensor '${key}'`);
    return names.map((name): StateEntry => {
      return { key: `${key}.${name}`, role: 'slot', shape: entry.shape, init: { kind: 'constant', value: 0 }, backbone: false };
    });
  });
}

/** 0, 1, … rank-1: the axes of a reduction to one number. */
export function allAxes(tensor: { readonly rank: number }): readonly number[] {
  return Array.from({ length: tensor.rank }, (_, axis) => axis);
}
