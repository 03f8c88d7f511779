/**
 * Loads a generated program into the running process, so that it computes with this very instance of the runtime: its tensors and its backend.
 * (A program also runs without this: `import` it where Node resolves `wsss/runtime`.) Works in plain Node, in worker threads and under vitest.
 */
import { readFile } from 'node:fs/promises';
import { Script } from 'node:vm';
import type { Program } from '../program.ts';
import * as generated from './generated.ts';

/** A file that is not a program of this compiler, or cannot be read. */
export class LoadError extends Error {
  override readonly name = 'LoadError';
}

const SPECIFIER = 'wsss/runtime';
const IMPORT = /^import \{([^{}]*)\} from (?:'wsss\/runtime'|"wsss\/runtime");$/gm;

/**
 * Evaluates a program from the JavaScript the compiler wrote (`{ text, name }`) or from a file. Throws LoadError for anything else.
 *
 * The text runs as a script whose runtime is handed in, not as a module: it is forgotten when the program is, and stack traces show
 * `wsss-program/<file>:<line>`, the line of the emitted file. `exchange` may give other operators in place of the runtime's; it is told the
 * name that such lines carry.
 */
export async function loadProgram(
  source: string | { readonly text: string; readonly name: string },
  exchange?: (ops: typeof generated.ops, label: string) => Readonly<Record<string, unknown>>,
): Promise<Program> {
  const name = typeof source === 'string' ? source : source.name;
  const text = typeof source === 'string' ? await read(source) : source.text;
  const label = name.replace(/^.*[\\/]/, '').replace(/[^\w.-]/g, '_');
  const body = bound(text, name).replace(/^export (?=const |function )/gm, '');
  let program: unknown;
  try {
    const code = `(function (runtime) { 'use strict'; ${body}\nreturn typeof program === 'undefined' ? undefined : program; })`;
    const evaluate: unknown = new Script(code, { filename: `wsss-program/${label}` }).runInThisContext();
    program =
      typeof evaluate === 'function' ? evaluate(exchange ? { ...generated, ops: exchange(generated.ops, label) } : generated) : undefined;
  } catch (error) {
    throw new LoadError(`${name}: the program does not load: ${error instanceof Error ? error.message : String(error)}; build it again`, {
      cause: error,
    });
  }
  if (!isProgram(program))
    throw new LoadError(`${name}: not a program of this compiler: it exports no 'program' of format 1; build it again`);
  return program;
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'error';
    throw new LoadError(`${file}: cannot be read (${code}); give the .js file that 'wsss build' wrote`, { cause: error });
  }
}

/** The text with its import of the runtime bound to the running instance. Programs import nothing else. */
function bound(text: string, name: string): string {
  const provided: ReadonlySet<string> = new Set(Object.keys(generated));
  const changed = text.replace(IMPORT, (_, list: string) => {
    const names = list
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
    const unknown = names.find((part) => !provided.has(part));
    if (unknown !== undefined)
      throw new LoadError(`${name}: imports '${unknown}', which ${SPECIFIER} does not have; build the program with this version`);
    return `const { ${names.join(', ')} } = runtime;`;
  });
  const other = foreignImport(changed);
  if (other !== undefined) throw new LoadError(`${name}: a generated program imports only ${SPECIFIER}, found: ${other}`);
  return changed;
}

/** The first line with an import, static or dynamic, or a re-export. Strings and comments of generated programs are left out of the search. */
function foreignImport(text: string): string | undefined {
  const code = text.replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g, (match) =>
    match.startsWith('`') ? '``' : match.startsWith('/') ? match.replace(/[^\n]/g, ' ') : "''",
  );
  const line = code.split('\n').find((candidate) => /\bimport\b|\brequire\b|\bexport\b[^=]*\bfrom\b/.test(candidate));
  return line?.trim().slice(0, 100);
}

function isProgram(value: unknown): value is Program {
  if (typeof value !== 'object' || value === null || !('meta' in value) || !('graphs' in value)) return false;
  const { meta, graphs } = value;
  return (
    typeof meta === 'object' && meta !== null && 'format' in meta && meta.format === 1 && typeof graphs === 'object' && graphs !== null
  );
}
