import { loadProgram } from '../host/load.ts';
import type { Program } from '../program.ts';
import { RunError } from './errors.ts';
import { checkedOperators } from './numerics/check.ts';
import type { LineMap } from './numerics/line-map.ts';

/** From which any thread can load the same program: the JavaScript that the compiler wrote, or the URL of a module. */
export type ProgramSource =
  | {
      readonly text: string;
      readonly name: string;
      /** Every operator looks at its result, and a value that is not finite is told at the line of the spec that these lines come from. */
      readonly checkNumerics?: LineMap;
    }
  | { readonly url: string };

/** Throws LoadError or RunError for what is no program. */
export async function openProgram(source: ProgramSource): Promise<Program> {
  if ('text' in source) {
    const { text, checkNumerics } = source;
    return loadProgram(source, checkNumerics && ((ops, label) => checkedOperators(ops, { text, label, lines: checkNumerics })));
  }
  const loaded: { readonly program?: Program } = await import(source.url);
  if (!loaded.program) throw new RunError('run-no-training', `${source.url} exports no program`, 'Build the spec again.');
  return loaded.program;
}
