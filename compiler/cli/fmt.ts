/** `wsss fmt`: specs in the standard layout, in place. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomic } from '../../runtime/data/atomic.ts';
import { Diagnostics } from '../diagnostics/diagnostics.ts';
import { format } from '../format/format.ts';
import { sourceFile } from '../source/source.ts';
import { parse } from '../syntax/parse.ts';
import { EXIT, type ExitCode, type Output, usage, writeDiagnostics, writeJson } from './output.ts';
import { missingFile } from './spec.ts';

export interface FmtCommand {
  readonly check: boolean;
  readonly json: boolean;
}

/** A file that is not as it should be, or was not. */
interface Finding {
  readonly file: string;
  readonly state: 'formatted' | 'unformatted' | 'broken';
}

/** The name that stands for standard input. */
const STDIN = '-';

/**
 * Writes each file (or each `.wsss` file of a folder) in the standard layout; `-` reads standard input and writes standard output. A file with
 * syntax errors stays as it is, and its errors are told. With `check` nothing is written, and the exit code is 1 where something would be.
 */
export async function runFmt(output: Output, paths: readonly string[], { check, json }: FmtCommand): Promise<number> {
  if (paths.includes(STDIN)) {
    if (paths.length > 1 || json) throw usage('- stands alone: it reads standard input and writes standard output');
    return fmtStandardInput(output, check);
  }
  const files = paths.flatMap(specsAt);
  if (files.length === 0) throw usage(`no .wsss file in ${paths.join(', ')}`);
  const findings: Finding[] = [];
  const problems = new Diagnostics();
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    const result = formatOr(text, file, problems);
    if (result === undefined) findings.push({ file, state: 'broken' });
    else if (result !== text) {
      if (!check) await writeAtomic(file, result);
      findings.push({ file, state: check ? 'unformatted' : 'formatted' });
    }
  }
  const bad = findings.some((f) => f.state !== 'formatted');
  if (json) writeJson(output, { files: files.length, findings, diagnostics: problems.toJson() });
  else {
    writeDiagnostics(output, problems, false);
    for (const { file, state } of findings) output.out(`${file}: ${WORDS[state]}`);
    if (findings.length === 0) output.out(`${files.length} ${files.length === 1 ? 'file is' : 'files are'} in the standard layout`);
  }
  return bad ? EXIT.problems : EXIT.good;
}

const WORDS: Readonly<Record<Finding['state'], string>> = {
  formatted: 'formatted',
  unformatted: 'is not in the standard layout; wsss fmt puts it right',
  broken: 'has syntax errors, and stays as it is',
};

function fmtStandardInput(output: Output, check: boolean): ExitCode {
  const text = readFileSync(0, 'utf8');
  const problems = new Diagnostics();
  const result = formatOr(text, 'standard input', problems);
  if (result === undefined) return writeDiagnostics(output, problems, false);
  if (check) return result === text ? EXIT.good : EXIT.problems;
  output.out(result.replace(/\n$/, ''));
  return EXIT.good;
}

function formatOr(text: string, name: string, problems: Diagnostics): string | undefined {
  const own = new Diagnostics();
  parse(sourceFile(name, text), own);
  const result = own.hasErrors ? undefined : format(text);
  if (result?.ok) return result.text;
  parse(sourceFile(name, text), problems);
  return undefined;
}

/** The specs that a path names: itself, or all below a folder, in the order of their names. */
function specsAt(path: string): readonly string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw missingFile(path);
  if (!found.isDirectory()) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.wsss') && !name.split(/[\\/]/).includes('node_modules'))
    .sort()
    .map((name) => join(path, name));
}
