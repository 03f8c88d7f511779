import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** One tensor of a reference file: row-major float32 values (integers too are stored as float32 numbers or int32). */
export interface ReferenceTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** How close a value must be: |v - r| <= rtol*|r| + atol + atol_of_max*max|R|. */
export interface ReferenceTolerance {
  readonly rtol: number;
  readonly atol: number;
  readonly atol_of_max: number;
}

export interface ReferenceDescription {
  readonly title: string;
  readonly description: string;
  readonly hyperparameters: Record<string, unknown>;
  readonly sizes?: Record<string, unknown>;
  readonly zero_gradients?: readonly string[];
  readonly tolerance: { readonly out: ReferenceTolerance; readonly grad?: ReferenceTolerance; readonly exact?: readonly string[] };
  readonly tensors: Record<string, { readonly layout?: string; readonly shape: readonly number[] }>;
}

export interface Fixture {
  readonly json: ReferenceDescription;
  readonly tensors: ReadonlyMap<string, ReferenceTensor>;
  /** The tensor of this name; throws naming the case when it is missing. */
  get(name: string): ReferenceTensor;
}

const own = fileURLToPath(new URL('./fixtures', import.meta.url));

/** Folder of the reference files: WSSS_FIXTURES, or the copies inside the project. */
export const fixtureRoot: string = process.env.WSSS_FIXTURES ?? own;

export function fixturePath(method: string, name: string): string {
  return `${fixtureRoot}/${method}/${name}.safetensors`;
}

export function hasFixture(method: string, name: string): boolean {
  return existsSync(fixturePath(method, name));
}

/** Reads `<root>/<method>/<name>.safetensors` and the `.json` beside it. */
export function fixture(method: string, name: string): Fixture {
  const path = fixturePath(method, name);
  const bytes = readFileSync(path);
  const headerLength = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + headerLength).toString('utf8')) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const tensors = new Map<string, ReferenceTensor>();
  for (const [key, entry] of Object.entries(header)) {
    if (key === '__metadata__') continue;
    const [from, to] = entry.data_offsets;
    const raw = bytes.subarray(8 + headerLength + from, 8 + headerLength + to);
    tensors.set(key, { shape: entry.shape, data: decode(entry.dtype, new Uint8Array(raw).buffer, path, key) });
  }
  const json = JSON.parse(readFileSync(path.replace(/\.safetensors$/, '.json'), 'utf8')) as ReferenceDescription;
  return {
    json,
    tensors,
    get(key) {
      const found = tensors.get(key);
      if (!found) throw new Error(`${method}/${name} has no tensor '${key}'`);
      return found;
    },
  };
}

function decode(dtype: string, buffer: ArrayBuffer, path: string, key: string): Float32Array {
  switch (dtype) {
    case 'F32':
      return new Float32Array(buffer);
    case 'F64':
      return Float32Array.from(new Float64Array(buffer));
    case 'I32':
      return Float32Array.from(new Int32Array(buffer));
    case 'I64':
      return Float32Array.from(new BigInt64Array(buffer), Number);
    case 'U8':
    case 'BOOL':
      return Float32Array.from(new Uint8Array(buffer));
    default:
      throw new Error(`${path}: tensor '${key}' has the unread type ${dtype}`);
  }
}

/** The largest violation of the tolerance rule of the reference README; 0 when every value passes. */
export function excess(values: ArrayLike<number>, reference: ReferenceTensor, tolerance: ReferenceTolerance): number {
  if (values.length !== reference.data.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (const r of reference.data) largest = Math.max(largest, Math.abs(r));
  let worst = 0;
  for (let i = 0; i < reference.data.length; i++) {
    const r = reference.data[i];
    const allowed = tolerance.rtol * Math.abs(r) + tolerance.atol + tolerance.atol_of_max * largest;
    const over = Math.abs(values[i] - r) - allowed;
    if (!(over <= 0)) worst = Math.max(worst, Number.isNaN(over) ? Number.POSITIVE_INFINITY : over);
  }
  return worst;
}
