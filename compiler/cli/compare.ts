/** `wsss compare`: holds a spec's modules against numbers that somebody else's code computed. */
import { readFileSync } from 'node:fs';
import { choose } from '../../runtime/backend/choose.ts';
import { parseReference } from '../../runtime/compare/reference.ts';
import { systemCode } from '../../runtime/data/errors.ts';
import { Diagnostics } from '../diagnostics/diagnostics.ts';
import { compareFiles } from './compare-files.ts';
import { comparisonJson, comparisonText } from './compare-table.ts';
import { diskHost } from './host.ts';
import { EXIT, type Output, usage, writeDiagnostics, writeJson } from './output.ts';

export interface CompareCommand {
  readonly backend?: string;
  readonly json: boolean;
}

/**
 * Compares `CASE.wsss` with `REFERENCE.safetensors` and the `.json` beside it. Exit code 0 when every key of the reference passes, 1 when one
 * fails or is not used and when case or reference have problems. Throws CommandFailure, DataError, CompareError, BackendError.
 */
export async function runCompare(output: Output, casePath: string, referencePath: string, options: CompareCommand): Promise<number> {
  if (!referencePath.endsWith('.safetensors'))
    throw usage(`${referencePath}: the reference is a .safetensors file`, 'the .json beside it is found by its name');
  const jsonPath = referencePath.replace(/\.safetensors$/, '.json');
  const bytes = read(referencePath, 'the reference file');
  const json = read(jsonPath, 'the description of the reference');
  if (diskHost.read(casePath) === undefined) throw usage(`${casePath}: there is no such file, or it cannot be read`);
  const reference = parseReference(bytes, referencePath, new TextDecoder().decode(json), jsonPath);
  const backend = (await choose(options.backend)).name;
  const diagnostics = new Diagnostics();
  const comparison = await compareFiles(diskHost, casePath, reference, diagnostics);
  // Warnings alone are not shown: what they say of sizes is checked as the program runs.
  if (!comparison) return writeDiagnostics(output, diagnostics, options.json, { case: casePath, reference: referencePath, passed: false });
  if (options.json) writeJson(output, comparisonJson(comparison, casePath, referencePath, backend));
  else output.out(comparisonText(comparison, casePath, referencePath, backend));
  return comparison.passed ? EXIT.good : EXIT.problems;
}

function read(path: string, what: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw usage(
      `${path}: ${what} cannot be read (${systemCode(error) ?? 'error'})`,
      'a reference is NAME.safetensors with NAME.json beside it',
    );
  }
}
