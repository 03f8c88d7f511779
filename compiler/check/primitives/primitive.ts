/** What a function of the language is that needs no import, and how it adds operators. */
import type { Attrs, Node } from '../../ops/graph.ts';
import type { Value } from '../values.ts';
import { type Reader, Refused } from './arguments.ts';

export interface Primitive {
  /** Parameters in order as a signature has them: `x: Tensor`, `keep: bool = false`. Those with a value after `=` may be left out. */
  readonly params: readonly string[];
  /** The type of the result, as a signature has it. */
  readonly returns: string;
  readonly doc: string;
  readonly run: (r: Reader) => Value;
}

export function op(r: Reader, name: string, inputs: readonly Node[], attrs: Attrs = {}): Value {
  return r.E.op(name, inputs, attrs, r.at);
}

/** The node of an operator; ends the call where the operator refuses (which has been reported then). */
export function node(r: Reader, name: string, inputs: readonly Node[], attrs: Attrs = {}): Node {
  const made = r.E.node(name, inputs, attrs, r.at);
  if (!made) throw new Refused();
  return made;
}

/** The numbers that a squashing function takes: probabilities have been squashed already. */
export function scores(r: Reader): Node {
  const x = r.tensor('x');
  if (x.kind !== 'probabilities') return x;
  const hint = 'the values are probabilities already: use them as they are, or give it the logits they were made of';
  r.E.report('probabilities-for-logits', r.span('x'), { callee: r.callee, squash: 'sigmoid or softmax' }, { hint });
  throw new Refused();
}

export function constantNode(r: Reader, value: number, dtype: 'f32' | 'i32' = 'f32'): Node {
  return node(r, 'const', [], { value, dtype });
}
