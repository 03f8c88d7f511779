/** Types of what is known when a spec is compiled: `int`, `float`, `bool`, `string`, `list[…]`, `module`, `word`, `size`. */
import type { Span } from '../source/source.ts';
import type { Elaboration } from './elaboration.ts';
import { describe, type Value } from './values.ts';

const STATIC_TYPES: ReadonlySet<string> = new Set(['int', 'float', 'bool', 'string', 'list', 'module', 'word', 'size']);

export function isStaticType(name: string): boolean {
  return STATIC_TYPES.has(name);
}

/** Reports a value that is not of the static type; `where` names the parameter. False after a report. */
export function checkStatic(E: Elaboration, where: string, value: Value, type: string, at: Span): boolean {
  if (fits(value, type)) return true;
  if (value.kind === 'tensor') E.report('not-static', at, { where, what: describe(value) });
  else E.report('static-type', at, { where, wanted: type, found: describe(value) });
  return false;
}

function fits(value: Value, type: string): boolean {
  switch (type) {
    case 'int':
      return (value.kind === 'number' && value.integer) || value.kind === 'dim';
    case 'float':
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
