import type { Program } from '../program.ts';
import { RunError } from './errors.ts';

/** From which any thread can load the same program: the URL of its module. */
export interface ProgramSource {
  readonly url: string;
}

export async function openProgram(source: ProgramSource): Promise<Program> {
  const loaded: { readonly program?: Program } = await import(source.url);
  if (!loaded.program) throw new RunError('run-no-training', `${source.url} exports no program`, 'Build the spec again.');
  return loaded.program;
}
