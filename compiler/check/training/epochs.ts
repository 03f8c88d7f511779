/** Epochs as specs write them: whole numbers from 0, and spans `from epoch 2 until epoch 5`. */
import type { EpochSpan } from '../../ir/program.ts';
import type { Expression } from '../../syntax/ast.ts';
import type { Elaboration } from '../elaboration.ts';
import { evaluate } from '../evaluate.ts';
import type { Scope } from '../scope.ts';
import { describe } from '../values.ts';

interface WrittenSpan {
  readonly fromEpoch: Expression | undefined;
  readonly untilEpoch: Expression | undefined;
}

/** The epochs that two clauses name; a mistaken clause counts as left out. `about` says in reports whose they are. */
export function epochSpan(
  E: Elaboration,
  written: WrittenSpan,
  about: { readonly short: string; readonly whole: string },
  scope: Scope,
): EpochSpan {
  const fromEpoch = (written.fromEpoch && epoch(E, written.fromEpoch, `the first epoch of ${about.short}`, scope)) ?? 0;
  const untilEpoch = written.untilEpoch && epoch(E, written.untilEpoch, `the end of ${about.short}`, scope);
  if (!written.untilEpoch || untilEpoch === undefined) return { fromEpoch };
  if (untilEpoch > fromEpoch) return { fromEpoch, untilEpoch };
  E.report('epochs-in-order', written.untilEpoch.span, { what: about.whole, from: fromEpoch, to: untilEpoch });
  return { fromEpoch };
}

/** A whole number of epochs, from 0; undefined after a report. */
export function epoch(E: Elaboration, expression: Expression, where: string, scope: Scope): number | undefined {
  const found = evaluate(E, expression, scope);
  if (found.kind === 'number' && found.integer && found.value >= 0) return found.value;
  if (found.kind === 'number')
    E.report('bad-setting', expression.span, { name: where, expected: 'a whole number of epochs, from 0', found: String(found.value) });
  else if (found.kind !== 'poison') E.report('not-static', expression.span, { where, what: describe(found) });
  return undefined;
}
