/** Numbers that settings of a train block take. */
import type { SettingItem } from '../../syntax/ast.ts';
import type { Elaboration } from '../elaboration.ts';
import { evaluate } from '../evaluate.ts';
import { type NumberTypeName, within, wordsOf } from '../number-types.ts';
import type { Scope } from '../scope.ts';
import { describe } from '../values.ts';

/** The number of a setting; undefined after a report, or where the setting is absent. */
export function settingNumber(
  E: Elaboration,
  item: Pick<SettingItem, 'name' | 'value'> | undefined,
  type: NumberTypeName,
  scope: Scope,
): number | undefined {
  if (!item) return undefined;
  const value = evaluate(E, item.value, scope);
  if (value.kind === 'number' && within(type, value.value, value.integer)) return value.value;
  if (value.kind !== 'poison')
    E.report('bad-setting', item.value.span, {
      name: item.name.text,
      expected: wordsOf(type),
      found: value.kind === 'number' ? String(value.value) : describe(value),
    });
  return undefined;
}
