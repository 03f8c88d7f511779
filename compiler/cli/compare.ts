/** `wsss compare`: holds a spec's modules against numbers that somebody else's code computed. */
import { readFileSync } from 'node:fs';
import { choose } from '../../runtime/backend/choose.ts';
import { BackendError } from '../../runtime/backend/report.ts';
import { CompareError } from '../../runtime/compare/errors.ts';
import { parseReference } from '../../runtime/compare/reference.ts';
import { DataError, systemCode } from '../../runtime/data/errors.ts';
import { RunError } from '../../runtime/train/errors.ts';
import { Diagnostics } from '../diagnostics/diagnostics.ts';
import { type Comparison, compareFiles } from './compare-files.ts';
import { comparisonJson, comparisonText } from './compare-table.ts';
import { diskHost } from './host.ts';
import { EXIT, type Output, writeDiagnostics } from './output.ts';

export interface CompareCommand {
  readonly backend?: string;
  readonly json: boolean;
}

/** A problem with a code, and the exit code it means. */
interface Problem {
  readonly code: string;
  readonly message: string;
  readonly exit: number;
}

/** Compares `FILE.wsss` with `FILE.safetensors` and the `.json` beside it. */
export async function runCompare(output: Output, casePath: string, referencePath: string, options: CompareCommand): Promise<number> {
  const refuse = ({ code, message, exit }: Problem): number => {
    if (options.json)
      output.out(JSON.stringify({ case: casePath, reference: referencePath, passed: false, error: { code, message } }, null, 2));
    else output.error(`error[${code}]: ${message}`);
    return exit;
  };
  if (!referencePath.endsWith('.safetensors'))
    return refuse(usage(`${referencePath}: the reference is a .safetensors file; the .json beside it is found by its name`));
  const jsonPath = referencePath.replace(/\.safetensors$/, '.json');
  const bytes = read(referencePath);
  if (typeof bytes === 'string') return refuse(usage(`${referencePath}: the reference file cannot be read (${bytes})`));
  const json = read(jsonPath);
  if (typeof json === 'string')
    return refuse(usage(`${jsonPath}: the description of the reference cannot be read (${json}); it lies beside the .safetensors file`));
  if (diskHost.read(casePath) === undefined) return refuse(usage(`${casePath}: there is no such file, or it cannot be read`));

  const diagnostics = new Diagnostics();
  let backend = '';
  let comparison: Comparison | undefined;
  try {
    const reference = parseReference(bytes, referencePath, new TextDecoder().decode(json), jsonPath);
    backend = (await choose(options.backend)).name;
    comparison = await compareFiles(diskHost, casePath, reference, diagnostics);
  } catch (error) {
    return refuse(problemOf(error, casePath, backend));
  }
  if (!comparison) return writeDiagnostics(output, diagnostics, options.json, { case: casePath, reference: referencePath, passed: false });
  if (options.json) output.out(JSON.stringify(comparisonJson(comparison, casePath, referencePath, backend), null, 2));
  else {
    output.out(comparisonText(comparison, casePath, referencePath, backend));
  }
  return comparison.passed ? EXIT.good : EXIT.problems;
}

function usage(message: string): Problem {
  return { code: 'usage', message, exit: EXIT.usage };
}

function read(path: string): Uint8Array | string {
  try {
    return readFileSync(path);
  } catch (error) {
    return systemCode(error) ?? 'error';
  }
}

/** Nobody is shown a stack trace for a reference that does not fit. */
function problemOf(error: unknown, casePath: string, backend: string): Problem {
  if (error instanceof DataError) return { code: error.code, message: error.message, exit: EXIT.problems };
  if (error instanceof CompareError) return { code: error.code, message: `${casePath}: ${error.message}`, exit: EXIT.problems };
  if (error instanceof BackendError)
    return {
      code: error.code,
      message: `${error.message}\n  ${error.hint}`,
      exit: error.code === 'unknown-backend' ? EXIT.usage : EXIT.failure,
    };
  if (error instanceof RunError) return { code: error.code, message: `${casePath}: ${error.message}`, exit: EXIT.failure };
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'run-failed';
  return { code, message: `${casePath}: the emitted program failed${backend ? ` on ${backend}` : ''}: ${message}`, exit: EXIT.failure };
}
