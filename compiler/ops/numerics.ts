/**
 * The operator table's numerics column: where an operator can give exactly zero, and where a zero breaks it. Only zeros that really occur count:
 * a rectifier that passes nothing, an empty mask, a vector of zeros. That a number of unknown sign may happen to be zero does not.
 */
import type { Node } from './graph.ts';

/** Whether every element that this element is made of may be zero at once. */
export type MayBeZero = (node: Node) => boolean;

export interface Hazard {
  /** The input that breaks the operator where it is zero. */
  readonly input: number;
  /** `value`: the result is infinite or no number; `gradient`: only the derivative is. */
  readonly breaks: 'value' | 'gradient';
  /** What happens, for a message. */
  readonly effect: string;
  /** What to write instead. */
  readonly instead: string;
}

type ZeroRule = (node: Node, mayBeZero: MayBeZero) => boolean;

const always: ZeroRule = () => true;
/** Zero where the first input is. */
const asInput: ZeroRule = ({ inputs }, zero) => zero(inputs[0]);
const asAny: ZeroRule = ({ inputs }, zero) => inputs.some(zero);
const asAll: ZeroRule = ({ inputs }, zero) => inputs.every(zero);
/** Terms of one sign: their sum is zero where all of them are. */
const asSum: ZeroRule = ({ inputs }, zero) => inputs.every((x) => x.range.low >= 0) && inputs.every(zero);

/** Kinds of inputs that are often zero everywhere. Every image has tags. */
const OFTEN_EMPTY: ReadonlySet<string> = new Set(['mask', 'region', 'seeds', 'saliency', 'boundary']);

const ZEROS: Readonly<Record<string, ZeroRule>> = {
  input: ({ kind }) => OFTEN_EMPTY.has(kind),
  const: ({ attrs }) => attrs.value === 0,
  fill: ({ attrs }) => attrs.value === 0,
  relu: ({ inputs }, zero) => inputs[0].range.low < 0 || zero(inputs[0]),
  abs: always,
  square: always,
  clamp: ({ inputs, range }, zero) => range.low === 0 && (inputs[0].range.low < 0 || zero(inputs[0])),
  greater: always,
  greater_equal: always,
  less: always,
  less_equal: always,
  equal: always,
  not_equal: always,
  logical_and: asAny,
  logical_or: asAll,
  one_hot: always,
  cast: asInput,
  sqrt: asInput,
  neg: asInput,
  mul: (node, zero) => node.inputs[0] === node.inputs[1] || asAny(node, zero),
  matmul: asAny,
  div: asInput,
  add: asSum,
  maximum: asAll,
  minimum: ({ inputs }, zero) => inputs.every((x) => x.range.low >= 0) && inputs.some(zero),
  // A guard chooses the other branch where this one is zero.
  select: asAll,
  sum: asSum,
  mean: asSum,
  max: ({ inputs }, zero) => inputs[0].range.low >= 0 && zero(inputs[0]),
  min: ({ inputs }, zero) => inputs[0].range.low >= 0 && zero(inputs[0]),
  reshape: asInput,
  transpose: asInput,
  broadcast_to: asInput,
  slice: asInput,
  reverse: asInput,
  detach: asInput,
  identity: asInput,
  resize: asInput,
  avg_pool: asInput,
  max_pool: ({ inputs }, zero) => inputs[0].range.low >= 0 && zero(inputs[0]),
  gather: asInput,
  gather_along: asInput,
  neighbours: asInput,
};

/** Answers for all nodes of a graph; each is worked out once. */
export function zeros(): MayBeZero {
  const known = new Map<Node, boolean>();
  const answer: MayBeZero = (node) => {
    const found = known.get(node);
    if (found !== undefined) return found;
    // A range that excludes zero is a proof.
    const excluded = node.range.low > 0 || node.range.high < 0;
    const made = !excluded && (ZEROS[node.op]?.(node, answer) ?? false);
    known.set(node, made);
    return made;
  };
  return answer;
}

/** Zero for numbers far enough out, by rounding: a logistic function of -104, and what is made of it. */
export function roundsToZero({ op, inputs, attrs }: Node): boolean {
  if (op === 'sigmoid') return true;
  if (op === 'identity' && attrs.kind === 'probabilities') return inputs[0].op === 'div' && inputs[0].inputs[0].op === 'exp';
  if (op === 'sub') return inputs[0].op === 'const' && inputs[0].attrs.value === 1 && roundsToZero(inputs[1]);
  return false;
}

/** What to take the logarithm of instead, by what made the probabilities. */
function logInstead(node: Node): string {
  const { op } = node;
  if (op === 'sigmoid') return 'or take -softplus(-x) of the logits x';
  if (op === 'identity' && node.attrs.kind === 'probabilities') return 'or take log_softmax of the logits';
  return 'of probabilities take softplus or log_softmax of the logits';
}

const EPSILON = 'add a small number, or bound it from below with maximum(…, 1e-5)';

const DIVISION: Hazard = { input: 1, breaks: 'value', effect: 'the quotient is then infinite, or no number', instead: EPSILON };

/** How a zero breaks a node's operator, if it does. */
export function hazardOf(node: Node): Hazard | undefined {
  switch (node.op) {
    case 'div':
      return node.type.dtype === 'f32' ? DIVISION : undefined;
    case 'reciprocal':
      return { ...DIVISION, input: 0 };
    case 'rsqrt':
      return { input: 0, breaks: 'value', effect: '1 / sqrt of it is then infinite', instead: EPSILON };
    case 'log':
      return {
        input: 0,
        breaks: 'value',
        effect: 'its logarithm is then minus infinity, and a mask behind it makes that no number (0 · ∞)',
        instead: `add a small number before the logarithm; ${logInstead(node.inputs[0])}`,
      };
    case 'sqrt':
      return {
        input: 0,
        breaks: 'gradient',
        effect: 'the derivative of the root is then infinite, and the gradient no number',
        instead: 'bound it from below before the root: sqrt(maximum(…, 1e-12))',
      };
    case 'pow': {
      const exponent = Number(node.attrs.exponent);
      if (exponent < 0) return { ...DIVISION, input: 0, effect: 'the power is then infinite' };
      return exponent < 1
        ? { input: 0, breaks: 'gradient', effect: 'the derivative of the power is then infinite', instead: EPSILON }
        : undefined;
    }
    default:
      return undefined;
  }
}
