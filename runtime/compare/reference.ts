/** A reference file: tensors computed by somebody else's code, and beside it what is said of them (fixtures: `<case>.safetensors`, `<case>.json`). */
import { DataError, reason } from '../data/errors.ts';
import { parseSafetensors } from '../data/safetensors.ts';

/** One tensor of the file, row-major in the file's own order of axes. */
export interface ReferenceTensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** How close a value must be: |v − r| <= rtol·|r| + atol + atol_of_max·max|R|, R the whole reference tensor. */
export interface Tolerance {
  readonly rtol: number;
  readonly atol: number;
  readonly atol_of_max: number;
}

export interface ReferenceDescription {
  readonly title: string;
  /** Numbers that a case reads as `sizes.*` and `hyperparameters.*`. */
  readonly sizes: unknown;
  readonly hyperparameters: unknown;
  readonly tolerance: {
    readonly out: Tolerance;
    /** For `grad.*`; that of `out` where the file states none. */
    readonly grad: Tolerance;
    /** Keys whose values must be equal. */
    readonly exact: readonly string[];
    /** Rules in words for keys or patterns of keys, see special-rules.ts. */
    readonly special: readonly (readonly [string, string])[];
  };
  /** Gradients that are zero by design: they must be there, and be zero. */
  readonly zeroGradients: readonly string[];
}

export interface Reference {
  readonly path: string;
  readonly description: ReferenceDescription;
  readonly tensors: ReadonlyMap<string, ReferenceTensor>;
}

/**
 * Reads a reference from the bytes of its tensor file and the text of its description. Throws DataError `data-bad-safetensors` or
 * `data-bad-reference`; a tensor that the description lists must be in the file with that shape.
 */
export function parseReference(bytes: Uint8Array, path: string, json: string, jsonPath: string): Reference {
  const tensors = new Map<string, ReferenceTensor>();
  for (const [key, { shape, data }] of parseSafetensors(bytes, path).tensors) {
    const values = new Float64Array(data.length);
    for (let i = 0; i < values.length; i++) values[i] = Number(data[i]);
    tensors.set(key, { shape, data: values });
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch (error) {
    throw bad(jsonPath, 'a JSON object', `text that is no JSON: ${reason(error)}`);
  }
  if (!isRecord(parsed)) throw bad(jsonPath, 'a JSON object', `${Array.isArray(parsed) ? 'a list' : typeof parsed}`);
  checkShapes(parsed.tensors, tensors, path, jsonPath);
  const description = readDescription(parsed, jsonPath);
  const lost = [...description.zeroGradients, ...description.tolerance.exact].find((key) => !tensors.has(key));
  if (lost !== undefined) throw bad(path, `a tensor '${lost}', of which ${base(jsonPath)} speaks`, 'no such tensor');
  return { path, tensors, description };
}

function readDescription(json: Readonly<Record<string, unknown>>, path: string): ReferenceDescription {
  const { tolerance } = json;
  if (!isRecord(tolerance)) throw bad(path, "'tolerance' with the tolerances of 'out' and 'grad'", shown(tolerance));
  const out = readTolerance(tolerance.out, 'out', path);
  const special = tolerance.special ?? {};
  if (!isRecord(special)) throw bad(path, "'tolerance.special' as an object from key to rule", shown(special));
  return {
    title: typeof json.title === 'string' ? json.title : '',
    sizes: json.sizes ?? {},
    hyperparameters: json.hyperparameters ?? {},
    tolerance: {
      out,
      grad: tolerance.grad === undefined ? out : readTolerance(tolerance.grad, 'grad', path),
      exact: readNames(tolerance.exact, 'tolerance.exact', path),
      special: Object.entries(special).map(([key, rule]) => {
        if (typeof rule !== 'string') throw bad(path, `'tolerance.special' with a rule in words for '${key}'`, shown(rule));
        return [key, rule] as const;
      }),
    },
    zeroGradients: readNames(json.zero_gradients, 'zero_gradients', path),
  };
}

function readTolerance(value: unknown, name: string, path: string): Tolerance {
  const number = (key: keyof Tolerance): number => {
    const found = isRecord(value) ? value[key] : undefined;
    if (typeof found === 'number' && Number.isFinite(found) && found >= 0) return found;
    throw bad(path, `'tolerance.${name}.${key}' as a number that is not negative`, shown(found));
  };
  return { rtol: number('rtol'), atol: number('atol'), atol_of_max: number('atol_of_max') };
}

function readNames(value: unknown, name: string, path: string): readonly string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.every((item): item is string => typeof item === 'string')) return value;
  throw bad(path, `'${name}' as a list of keys`, shown(value));
}

/** What the description says of the tensors must be true of the file. */
function checkShapes(listed: unknown, tensors: ReadonlyMap<string, ReferenceTensor>, path: string, jsonPath: string): void {
  if (listed === undefined) return;
  if (!isRecord(listed)) throw bad(jsonPath, "'tensors' as an object from key to shape and layout", shown(listed));
  for (const [key, entry] of Object.entries(listed)) {
    const found = tensors.get(key);
    if (!found) throw bad(path, `a tensor '${key}', which ${base(jsonPath)} lists`, 'no such tensor');
    const shape = isRecord(entry) ? entry.shape : undefined;
    if (Array.isArray(shape) && (shape.length !== found.shape.length || shape.some((n, axis) => n !== found.shape[axis])))
      throw bad(path, `'${key}' of the shape [${shape.join(', ')}], as ${base(jsonPath)} says`, `the shape [${found.shape.join(', ')}]`);
  }
}

const base = (path: string): string => path.replace(/^.*[\\/]/, '');
const shown = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 80));

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function bad(file: string, expected: string, found: string): DataError {
  return new DataError('data-bad-reference', {
    what: 'The reference cannot be used',
    file,
    expected,
    found,
    hint: 'A reference is a .safetensors file and the .json of the same name beside it; copy both again.',
  });
}
