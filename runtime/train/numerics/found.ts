/** What a value that is no finite number means to the person who started the run. */
import type { TensorMap } from '../../program.ts';
import { RunError } from '../errors.ts';
import { NonFiniteValue } from './check.ts';

export interface Circumstances {
  /** For example `step 3`, `the update of step 3` or `inference`. */
  readonly during: string;
  readonly ids: readonly string[];
  /** Tensors that the graph was given, by role: they are called by their names. */
  readonly given: Readonly<Record<string, TensorMap>>;
}

const SHOWN_IDS = 8;

/** Runs a graph; a value that is not finite is told with its place in the spec, its inputs, the step and the images. Throws RunError `run-non-finite`. */
export function tellingNonFinite<R>(circumstances: () => Circumstances, run: () => R): R {
  try {
    return run();
  } catch (error) {
    if (error instanceof NonFiniteValue) throw located(error, circumstances());
    throw error;
  }
}

function located({ operator, result, inputs, at }: NonFiniteValue, { during, ids, given }: Circumstances): RunError {
  const { place, statement, generatedLine } = at;
  const where = place ? ` at ${place.file}:${place.line}${place.path === '' ? '' : ` in ${place.path}`}` : '';
  const images = ids.length === 0 ? '' : `, images ${ids.slice(0, SHOWN_IDS).join(' ')}${ids.length > SHOWN_IDS ? ' …' : ''}`;
  const lines = [
    `the first value that is not finite comes from ${operator}${where} (${during}${images})`,
    `result: ${result}`,
    ...inputs.map(({ tensor, text }, i) => `input ${i + 1}${nameOf(tensor, given)}: ${text}`),
    `generated line ${generatedLine}: ${statement}`,
  ];
  const hint =
    operator === 'div' || operator === 'reciprocal' || operator === 'rsqrt' || operator === 'log'
      ? 'Keep the operand away from zero: add a small number to it, or clamp it from below.'
      : 'Keep the inputs in the range that the operator can take, or make the learning rate smaller.';
  return new RunError('run-non-finite', lines.join('\n    '), hint, place);
}

/** Roles and names of tensors from outside of the graph: ` (state stem.weight)`. */
function nameOf(tensor: object, given: Circumstances['given']): string {
  for (const [role, tensors] of Object.entries(given)) {
    for (const [name, candidate] of Object.entries(tensors)) if (candidate === tensor) return ` (${role} ${name})`;
  }
  return '';
}
