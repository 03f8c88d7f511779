/** Numbers that settings of a train block take. */
import type { SettingItem } from '../../syntax/ast.ts';
import type { Elaboration } from '../elaboration.ts';
import { evaluate } from '../evaluate.ts';
import type { Scope } from '../scope.ts';
import { describe } from '../values.ts';

/** A whole number of at least 1; undefined after a report, or where the setting is absent. */
export function count(E: Elaboration, item: SettingItem | undefined, scope: Scope): number | undefined {
  if (!item) return undefined;
  const value = evaluate(E, item.value, scope);
  if (value.kind === 'number' && value.integer && value.value >= 1) return value.value;
  if (value.kind !== 'poison')
    E.report('bad-setting', item.value.span, { name: item.name.text, expected: 'a whole number of at least 1', found: describe(value) });
  return undefined;
}

/** A number above 0; undefined after a report. */
export function positive(E: Elaboration, item: SettingItem, scope: Scope): number | undefined {
  const value = evaluate(E, item.value, scope);
  if (value.kind === 'number' && value.value > 0) return value.value;
  if (value.kind !== 'poison')
    E.report('bad-setting', item.value.span, { name: item.name.text, expected: 'a number above 0', found: describe(value) });
  return undefined;
}
