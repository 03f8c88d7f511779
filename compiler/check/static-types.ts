/**
 * Types of what is known when a spec is compiled: numbers (`number-types.ts`), `bool`, `string`, `module`, `word`, `size` and `list`, which may
 * name the type of its elements, `list[count]`; a `word` may name the words that it can be, `word[stored, batch]`.
 */
import { didYouMean } from '../diagnostics/suggest.ts';
import type { Span } from '../source/source.ts';
import type { NamedType } from '../syntax/ast.ts';
import type { Elaboration } from './elaboration.ts';
import { checkBounds, isNumberType, NUMBER_TYPE_NAMES, wordsOf } from './number-types.ts';
import { describe, type Value } from './values.ts';

export const STATIC_TYPES: ReadonlySet<string> = new Set([...NUMBER_TYPE_NAMES, 'bool', 'string', 'list', 'module', 'word', 'size']);

export function isStaticType(name: string): boolean {
  return STATIC_TYPES.has(name);
}

/** Reports a value that is not of the static type; `where` names the parameter. False after a report. */
export function checkStatic(E: Elaboration, where: string, value: Value, type: NamedType, at: Span): boolean {
  if (!checkNamed(E, where, value, type.name.text, at)) return false;
  const allowed = type.name.text === 'word' ? (type.dims ?? []).flatMap((word) => (word.kind === 'name' ? [word.name.text] : [])) : [];
  if (allowed.length > 0 && !allowed.includes(wordOf(value))) {
    const hint = didYouMean(wordOf(value), allowed);
    E.report('static-type', at, { where, wanted: allowed.join(' or '), found: wordOf(value) || describe(value) }, { hint });
    return false;
  }
  const { element } = type;
  if (element?.kind !== 'named_type' || value.kind !== 'list') return true;
  return value.items.every((item) => item.kind === 'poison' || checkStatic(E, `an element of ${where}`, item, element, at));
}

function wordOf(value: Value): string {
  return value.kind === 'symbol' ? value.name : value.kind === 'string' ? value.value : '';
}

function checkNamed(E: Elaboration, where: string, value: Value, type: string, at: Span): boolean {
  if (fits(value, type)) return !isNumberType(type) || checkBounds(E, where, value, type, at);
  if (value.kind === 'tensor') E.report('not-static', at, { where, what: describe(value) });
  else {
    const wanted = isNumberType(type) && type !== 'int' && type !== 'float' ? wordsOf(type) : type;
    E.report('static-type', at, { where, wanted, found: describe(value) });
  }
  return false;
}

function fits(value: Value, type: string): boolean {
  switch (type) {
    case 'int':
    case 'natural':
    case 'count':
      return (value.kind === 'number' && value.integer) || value.kind === 'dim';
    case 'float':
    case 'positive':
    case 'amount':
    case 'share':
    case 'fraction':
      return value.kind === 'number';
    case 'bool':
      return value.kind === 'boolean';
    case 'string':
      return value.kind === 'string';
    case 'list':
      return value.kind === 'list';
    case 'module':
      return (
        value.kind === 'instance' ||
        value.kind === 'module' ||
        value.kind === 'function' ||
        value.kind === 'lambda' ||
        value.kind === 'list'
      );
    case 'word':
      return value.kind === 'symbol' || value.kind === 'string';
    case 'size':
      return value.kind === 'list' || value.kind === 'tuple';
    default:
      return true;
  }
}
