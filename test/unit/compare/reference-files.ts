/** Reference files and cases for the tests of `wsss compare`: those of the project, changed where a test wants it. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCompare } from '../../../compiler/cli/compare.ts';
import { failureOf } from '../../../compiler/cli/failure.ts';
import { type Output, writeProblem } from '../../../compiler/cli/output.ts';
import { parseSafetensors, safetensorsBytes } from '../../../runtime/data/safetensors.ts';
import { fixturePath } from '../../fixture.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Values of a tensor, open to change. */
export interface Changeable {
  shape: number[];
  data: Float32Array;
}

export interface Description {
  tolerance: Record<string, unknown>;
  zero_gradients?: string[];
  sizes?: Record<string, unknown>;
  tensors?: Record<string, { shape: number[]; layout?: string }>;
  [key: string]: unknown;
}

/** A reference and a case in a folder of their own. */
export class Workplace {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'wsss-compare-'));

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Copies a reference of the project, after `change`; gives the path of its .safetensors file. */
  reference(method: string, name: string, change: (tensors: Map<string, Changeable>, description: Description) => void = () => {}): string {
    const from = fixturePath(method, name);
    const stored = parseSafetensors(readFileSync(from), from).tensors;
    const tensors = new Map<string, Changeable>();
    for (const [key, { shape, data }] of stored) tensors.set(key, { shape: [...shape], data: Float32Array.from(data, Number) });
    const description = JSON.parse(readFileSync(from.replace(/\.safetensors$/, '.json'), 'utf8')) as Description;
    change(tensors, description);
    const path = this.path(`${name}.safetensors`);
    mkdirSync(this.folder, { recursive: true });
    writeFileSync(path, safetensorsBytes(tensors));
    writeFileSync(path.replace(/\.safetensors$/, '.json'), JSON.stringify(description));
    return path;
  }

  /** The project's case, after `change` of its text. Imports of specs go to the project's. */
  case(method: string, name: string, change: (text: string) => string = (text) => text): string {
    const text = readFileSync(`${root}test/parity/${method}/${name}.wsss`, 'utf8').replaceAll('"../../../specs/', `"${root}specs/`);
    return this.write(`${name}.wsss`, change(text));
  }

  write(name: string, text: string): string {
    const path = this.path(name);
    writeFileSync(path, text);
    return path;
  }
}

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** The command as a person runs it, on the cpu backend. A defect of wsss is thrown. */
export async function compare(casePath: string, reference: string, options: { json?: boolean; backend?: string } = {}): Promise<Ran> {
  const out: string[] = [];
  const error: string[] = [];
  const output: Output = { out: (text) => void out.push(text), error: (text) => void error.push(text), colour: false };
  const json = options.json ?? false;
  let code: number;
  try {
    code = await runCompare(output, casePath, reference, { json, backend: options.backend ?? 'cpu' });
  } catch (thrown) {
    const failure = failureOf(thrown);
    if (!failure) throw thrown;
    writeProblem(output, failure.problem, json);
    code = failure.exit;
  }
  return { code, out: out.join('\n'), error: error.join('\n') };
}

export interface JsonRow {
  readonly key: string;
  readonly passed: boolean;
  readonly allowed: string;
  readonly absolute: number | null;
  readonly note?: string;
}

export interface JsonComparison {
  readonly passed: boolean;
  readonly backend: string;
  readonly unconsumed: readonly string[];
  readonly built: readonly { readonly results: string; readonly heldBytes: number; readonly rows: readonly JsonRow[] }[];
  readonly error?: { readonly code: string; readonly message: string; readonly expected?: string };
  readonly diagnostics?: readonly { readonly code: string; readonly severity: string; readonly message: string; readonly hint?: string }[];
}

/** The same with `--json`, and the keys of the rows that fail. */
export async function compareJson(
  casePath: string,
  reference: string,
  backend?: string,
): Promise<{ readonly code: number; readonly json: JsonComparison; readonly failing: readonly string[] }> {
  const { code, out } = await compare(casePath, reference, { json: true, ...(backend === undefined ? {} : { backend }) });
  const json = JSON.parse(out) as JsonComparison;
  const failing = new Set((json.built ?? []).flatMap(({ rows }) => rows.filter((row) => !row.passed).map(({ key }) => key)));
  return { code, json, failing: [...failing] };
}
