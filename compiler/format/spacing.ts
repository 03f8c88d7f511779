/** Whether a space stands between two neighbours on one line. */
import type { Leaf } from './tree.ts';

const noneAfter: ReadonlySet<string> = new Set(['LParen', 'LSquare', 'Dot', 'DotDot']);
const noneBefore: ReadonlySet<string> = new Set(['RParen', 'RSquare', 'Comma', 'Semicolon', 'Dot', 'DotDot', 'EOF']);
/** Rules whose bracket belongs to what stands before it: a call, an index, the parameters of a declaration, the sizes of a type. */
const attached: ReadonlySet<string> = new Set(['callTail', 'indexTail', 'parameterList', 'namedType', 'listType']);

/** The space between `left` and `right`, which follow each other: one or none. */
export function between(left: Leaf, right: Leaf): '' | ' ' {
  if (noneAfter.has(left.type) || noneBefore.has(right.type)) return '';
  if (left.type === 'LCurly' && right.type === 'RCurly') return '';
  if (right.type === 'Colon') return right.rule === 'conditional' ? ' ' : '';
  if (right.type === 'LParen' || right.type === 'LSquare') return attached.has(right.rule) ? '' : unary(left) ? '' : ' ';
  return unary(left) ? '' : ' ';
}

/** A minus sign with nothing on its left side. */
function unary(leaf: Leaf): boolean {
  return leaf.type === 'Minus' && leaf.label === 'prefix';
}
