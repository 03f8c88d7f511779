/**
 * The numbers of stages that turn the maps of one image into labels (crf, masks, ir_label, random_walk), as a pipeline states them and as a
 * case does. What the spec leaves out is written into the plan here, so that the plan says everything.
 */
import { didYouMean } from '../diagnostics/suggest.ts';
import type { Span } from '../source/source.ts';
import type { CallExpression, Expression } from '../syntax/ast.ts';
import type { Elaboration } from './elaboration.ts';
import { evaluate } from './evaluate.ts';
import { checkBounds, type NumberTypeName, numberOf } from './number-types.ts';
import type { Json } from './pipeline.ts';
import type { Scope } from './scope.ts';
import { POISON, type Value } from './values.ts';

export type RefinementOp = 'crf' | 'masks' | 'ir_label' | 'random_walk';

/** Arguments after the maps, in order; `?` marks those that may be left out. */
export const REFINEMENTS: Readonly<Record<RefinementOp, readonly string[]>> = {
  crf: ['threshold?', 'unary?', 'kernels', 'iterations'],
  masks: ['threshold?'],
  ir_label: ['foreground?', 'background?', 'background_factor?', 'kernels?', 'iterations?', 'confidence?', 'unsure?'],
  random_walk: ['boundary', 'threshold?', 'radius?', 'beta?', 'log2_steps?', 'power?', 'stride?'],
};

export function isRefinement(op: string): op is RefinementOp {
  return Object.hasOwn(REFINEMENTS, op);
}

/** IRN's CRF on label maps (jiwoon-ahn/irn@a2ece00, misc/imutils.py, crf_inference_label); SIPE takes the same. */
const LABEL_KERNELS: Json = [
  { kind: 'gaussian', weight: 3, sxy: 3 },
  { kind: 'bilateral', weight: 10, sxy: 50, srgb: 5 },
];
/** IRN's thresholds (step/cam_to_ir_label.py, run_sample.py) and SIPE's factor on its own background (cam2ir.py). */
const IR_LABEL = { foreground: 0.3, background: 0.05, background_factor: 0.5, iterations: 10, confidence: 0.7, unsure: 255 };
/** IRN's walk (misc/indexing.py, propagate_to_edge) on boundaries at a quarter of the image. */
const RANDOM_WALK = { radius: 5, beta: 10, log2_steps: 8, power: 1, stride: 4 };

/** Types of the numbers of all stages. */
const STAGE_NUMBERS: Readonly<Record<string, NumberTypeName>> = {
  epochs: 'count',
  steps: 'count',
  limit: 'count',
  images: 'count',
  threshold: 'share',
  from: 'share',
  to: 'share',
  step: 'positive',
  iterations: 'count',
  foreground: 'share',
  background: 'share',
  background_factor: 'amount',
  confidence: 'share',
  unsure: 'natural',
  radius: 'count',
  beta: 'positive',
  log2_steps: 'natural',
  power: 'positive',
  stride: 'count',
  epsilon: 'positive',
  weight: 'amount',
  sxy: 'positive',
  srgb: 'positive',
};

/** Arguments of a stage by name; undefined after a report. */
export function stageArguments(
  E: Elaboration,
  op: string,
  call: CallExpression,
  params: readonly string[],
  further: 'none' | 'unknown' = 'none',
): ReadonlyMap<string, Expression> | undefined {
  const names = params.map((p) => p.replace('?', ''));
  const args = new Map<string, Expression>();
  let fine = true;
  call.args.forEach((a, i) => {
    const name = a.name?.text ?? names[i];
    if (name === undefined) {
      E.report('too-many-arguments', a.span, { callee: op, expected: `${names.length} arguments`, found: call.args.length });
      fine = false;
    } else if (!names.includes(name) && further === 'none') {
      E.report(
        'unknown-argument',
        a.name?.span ?? a.span,
        { callee: op, name },
        { hint: didYouMean(name, names) ?? `it takes ${names.join(', ')}` },
      );
      fine = false;
    } else args.set(name, a.value);
  });
  for (const p of params) {
    if (p.endsWith('?') || args.has(p)) continue;
    E.report('missing-argument', call.span, { callee: op, name: p });
    fine = false;
  }
  return fine ? args : undefined;
}

/** The numbers among the arguments of a refinement, `threshold` left out. */
export function refinementArguments(
  E: Elaboration,
  op: RefinementOp,
  args: ReadonlyMap<string, Expression>,
  scope: Scope,
): Record<string, Json> {
  const result: Record<string, Json> = {};
  switch (op) {
    case 'crf':
      result.unary = unary(E, args.get('unary'), scope);
      result.kernels = kernels(E, 'crf', args.get('kernels')!, scope);
      numbers(E, args, ['iterations'], scope, result);
      break;
    case 'masks':
      break;
    case 'ir_label': {
      Object.assign(result, IR_LABEL);
      const written = args.get('kernels');
      // An empty list leaves the CRF out.
      if (!written) result.kernels = LABEL_KERNELS;
      else if (written.kind === 'list' && written.items.length === 0) result.kernels = [];
      else result.kernels = kernels(E, op, written, scope);
      numbers(E, args, Object.keys(IR_LABEL), scope, result);
      break;
    }
    case 'random_walk':
      Object.assign(result, RANDOM_WALK);
      numbers(E, args, Object.keys(RANDOM_WALK), scope, result);
      break;
  }
  return result;
}

export function numbers(
  E: Elaboration,
  args: ReadonlyMap<string, Expression>,
  keys: readonly string[],
  scope: Scope,
  into: Record<string, Json>,
): void {
  for (const key of keys) {
    const expression = args.get(key);
    if (!expression) continue;
    const value = evaluate(E, expression, scope);
    const found = numberOf(E, key, value, STAGE_NUMBERS[key] ?? 'float', expression.span);
    if (found !== undefined) into[key] = found;
  }
}

/** `scores(power: 2, epsilon: 1e-3)`, `probabilities(clip: 1e-5)` or `labels(confidence: 0.7)`. */
function unary(E: Elaboration, expression: Expression | undefined, scope: Scope): Json {
  const call = expression?.kind === 'call' ? expression : undefined;
  const values = new Map<string, Value>((call?.args ?? []).map((a) => [a.name?.text ?? '', evaluate(E, a.value, scope)] as const));
  for (const a of call?.args ?? [])
    if (a.name) checkBounds(E, a.name.text, values.get(a.name.text) ?? POISON, STAGE_NUMBERS[a.name.text] ?? 'float', a.value.span);
  const given = (key: string, fallback: number): number => {
    const value = values.get(key);
    return value?.kind === 'number' ? value.value : fallback;
  };
  if (!expression || (call?.callee.kind === 'name' && call.callee.name.text === 'scores'))
    return { kind: 'scores', power: given('power', 1), epsilon: given('epsilon', 1e-5) };
  if (call?.callee.kind === 'name' && call.callee.name.text === 'labels') return { kind: 'labels', confidence: given('confidence', 0.7) };
  if (call?.callee.kind === 'name' && call.callee.name.text === 'probabilities')
    return { kind: 'probabilities', clip: given('clip', 1e-5) };
  E.report('stage-argument', expression.span, {
    stage: 'crf',
    reason: 'unary is scores(power: …, epsilon: …), probabilities(clip: …) or labels(confidence: …)',
  });
  return { kind: 'scores', power: 1, epsilon: 1e-5 };
}

/** `[gaussian(weight: 3, sxy: 3), bilateral(weight: 10, sxy: 50, srgb: 5)]` */
function kernels(E: Elaboration, stage: string, expression: Expression, scope: Scope): Json {
  const items = expression.kind === 'list' ? expression.items : [];
  if (items.length === 0)
    E.report('stage-argument', expression.span, {
      stage,
      reason: 'kernels is a list: [gaussian(weight: 3, sxy: 3), bilateral(weight: 10, sxy: 50, srgb: 5)]',
    });
  return items.map((item) => kernel(E, stage, item, scope));
}

function kernel(E: Elaboration, stage: string, item: Expression, scope: Scope): Json {
  const kind = item.kind === 'call' && item.callee.kind === 'name' ? item.callee.name.text : '';
  const wanted = kind === 'gaussian' ? ['weight', 'sxy'] : ['weight', 'sxy', 'srgb'];
  const result: Record<string, Json> = { kind };
  if (item.kind !== 'call' || (kind !== 'gaussian' && kind !== 'bilateral')) {
    E.report('stage-argument', item.span, { stage, reason: 'a kernel is gaussian(weight, sxy) or bilateral(weight, sxy, srgb)' });
    return result;
  }
  item.args.forEach((a, i) => {
    const value = evaluate(E, a.value, scope);
    const key = a.name?.text ?? wanted[i];
    if (value.kind === 'number' && wanted.includes(key)) {
      checkBounds(E, `${key} of ${kind}`, value, STAGE_NUMBERS[key] ?? 'float', a.value.span);
      result[key] = value.value;
    } else if (value.kind !== 'poison') unknownArgument(E, a.span, kind, key ?? '');
  });
  for (const key of wanted) if (!(key in result)) E.report('missing-argument', item.span, { callee: kind, name: key });
  return result;
}

function unknownArgument(E: Elaboration, at: Span, callee: string, name: string): void {
  E.report('unknown-argument', at, { callee, name });
}
