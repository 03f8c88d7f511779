import { DataError } from '../errors.ts';
import { isRecord, stepProblem, type ViewStep } from './steps.ts';

export interface View {
  readonly name: string;
  /** `source`, the name of a pair (its partner's image), or the name of an earlier view, whose draws it then shares. */
  readonly from: string;
  readonly steps: readonly ViewStep[];
}

export interface ViewProgram {
  readonly views: readonly View[];
}

/** Checks a view program that came as JSON; `sources` are the images that views may start from. Throws DataError `data-bad-view` naming view and step. */
export function parseViewProgram(value: unknown, origin = 'view program', sources: readonly string[] = ['source']): ViewProgram {
  const fail = (what: string, found: string): DataError =>
    new DataError('data-bad-view', { what, file: origin, found, hint: 'Correct the data block of the spec.' });
  if (!isRecord(value) || !Array.isArray(value.views))
    throw fail('A view program is an object with a list of views', JSON.stringify(value) ?? 'nothing');
  const names = new Set(sources);
  for (const view of value.views as readonly unknown[]) {
    if (!isRecord(view) || typeof view.name !== 'string' || typeof view.from !== 'string' || !Array.isArray(view.steps)) {
      throw fail('A view has a name, the name of the view it comes from, and steps', JSON.stringify(view) ?? 'nothing');
    }
    if (names.has(view.name)) throw fail(`Two views have the name '${view.name}'`, view.name);
    if (!names.has(view.from)) throw fail(`The view '${view.name}' comes from a view that is not there before it`, `'${view.from}'`);
    names.add(view.name);
    for (const step of view.steps as readonly unknown[]) {
      const problem = stepProblem(step);
      if (problem !== undefined)
        throw fail(`A step of the view '${view.name}' is not right: ${problem}`, JSON.stringify(step) ?? 'nothing');
    }
  }
  // Every field was checked above; the JSON is the program.
  return { views: value.views as readonly View[] };
}
