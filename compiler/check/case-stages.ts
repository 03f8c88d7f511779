/**
 * Stages of a pipeline in a case, on one image: `stage seeds = infer(m, seeds, photo: [chw("x")], tags: k("labels"))` takes an inference
 * program of a method, and `stage walk = random_walk({ maps: plain("cam"), labels: plain("keys") }, plain("edge"), …)` one of the stages that
 * make labels of maps, stated as a pipeline states it. In the place of artefacts stand tensors of the file, or stages above.
 */
import type { Node } from '../ops/graph.ts';
import type { Span } from '../source/source.ts';
import type { CallExpression, CaseSetting, Expression } from '../syntax/ast.ts';
import type { Elaboration } from './elaboration.ts';
import { evaluate } from './evaluate.ts';
import { elaborateInfer, inferNamed } from './infer.ts';
import type { Json } from './pipeline.ts';
import { isRefinement, numbers, REFINEMENTS, type RefinementOp, refinementArguments, stageArguments } from './refinements.ts';
import type { Scope } from './scope.ts';
import { describe, POISON, type Reference, record, tensor, type Value } from './values.ts';
import { sourceText } from './views.ts';

/** Maps of one image: tensors of the file with the label of each (0 the background), or class indices from 0; or what a stage saved. */
export type CaseMaps =
  | { readonly kind: 'tensors'; readonly maps: Reference; readonly labels: Reference; readonly indices: boolean }
  | { readonly kind: 'stage'; readonly stage: string };

export interface CaseInference {
  readonly kind: 'infer';
  readonly name: string;
  readonly result: Node;
  /** Only maps of classes with a tag are saved. */
  readonly tags: Reference | undefined;
  /** Height and width of the photo by the names of their dimensions, where the case states them. */
  readonly sizes: Readonly<Record<string, number>>;
}

export interface CaseRefinement {
  readonly kind: 'refine';
  readonly name: string;
  readonly op: RefinementOp;
  readonly args: { readonly [key: string]: Json };
  readonly maps: CaseMaps;
  readonly boundary: Reference | undefined;
  /** Pixels [height, width, 3], for a CRF. */
  readonly image: Reference | undefined;
  /** Height and width of the image where its pixels are not needed; those of the maps when absent. */
  readonly size: readonly [number, number] | undefined;
}

export type CaseStage = CaseInference | CaseRefinement;

/** What a stage leaves to be compared, besides the values of an inference program: a dot leads into a record. */
const RESULTS: Readonly<Record<RefinementOp | 'infer', readonly string[]>> = {
  infer: ['saved.keys', 'saved.maps'],
  crf: ['labels'],
  masks: ['labels'],
  ir_label: ['foreground', 'background']
    .flatMap((pass) => ['argmax', 'probabilities', 'refined', 'labels'].map((f) => `${pass}.${f}`))
    .concat('labels'),
  random_walk: ['small', 'affinity', 'transition', 'walked', 'enlarged', 'labels'],
};

export interface ReadStage {
  readonly stage: CaseStage | undefined;
  /** What the case's lines see under its name. */
  readonly value: Value;
}

/** Reads `stage name = op(…)`; `known` are the stages above it. */
export function readCaseStage(E: Elaboration, item: CaseSetting, scope: Scope, known: readonly CaseStage[]): ReadStage {
  const name = item.name?.text ?? '';
  const call = item.value.kind === 'call' ? item.value : undefined;
  const op = call?.callee.kind === 'name' ? call.callee.name.text : '';
  if (call && item.name && op === 'infer') return inference(E, name, call, scope);
  if (call && item.name && isRefinement(op)) return refinement(E, name, op, call, scope, known);
  E.report(
    'unknown-stage-kind',
    call?.callee.span ?? item.span,
    { name: op || 'this' },
    { hint: `a case runs stage name = infer(…), ${Object.keys(REFINEMENTS).join('(…), ')}(…)` },
  );
  return { stage: undefined, value: POISON };
}

const FAILED: ReadStage = { stage: undefined, value: POISON };

function inference(E: Elaboration, name: string, call: CallExpression, scope: Scope): ReadStage {
  const [first, second, ...rest] = call.args;
  const method = first && !first.name ? evaluate(E, first.value, scope) : POISON;
  if (method.kind !== 'method_instance' || !second) {
    if (method.kind !== 'poison' || !second)
      E.report('case-no-run', call.span, {}, { hint: 'infer(m, program, photo: [tensor, …]), after let m = sipe(…)' });
    return FAILED;
  }
  const block = inferNamed(E, method.method, sourceText(second.value), second.value.span);
  if (!block) return FAILED;
  const params = block.params.map((p) => p.name.text);
  const args = stageArguments(E, `infer ${block.name.text}`, { ...call, args: rest }, [...params, 'size?']);
  if (!args) return FAILED;
  const given = new Map<string, readonly Reference[]>();
  let tags: Reference | undefined;
  for (const p of block.params) {
    const expression = args.get(p.name.text);
    const references = expression && referencesOf(E, evaluate(E, expression, scope), expression, p.name.text);
    if (!references) return FAILED;
    given.set(p.name.text, references);
    if (p.type?.kind === 'named_type' && p.type.name.text === 'Tags') tags = references[0];
  }
  const program = elaborateInfer(E, method.method, block, given);
  if (!program) return FAILED;
  for (const [parameter, references] of given) {
    const value = program.scope.own(parameter)?.value();
    const made = value?.kind === 'photo' ? value.photo.given?.taken.size : undefined;
    if (made === undefined || made === references.length) continue;
    const expected = made === 1 ? 'one tensor' : `${made} tensors`;
    E.report('too-many-arguments', args.get(parameter)?.span ?? call.span, {
      callee: `the photo of ${block.name.text}`,
      expected,
      found: references.length,
    });
    return FAILED;
  }
  const size = sizeOf(E, args.get('size'), scope);
  const { height, width } = program.photo;
  const sizes = size ? { [height]: size[0], [width]: size[1] } : {};
  const values = [...program.scope.entries()].map(([key, entry]) => [key, entry.value()] as const);
  const fields = new Map<string, Value>([
    ...values,
    ...program.results.map(({ name: field, node }) => [field, tensor(node)] as const),
    ...resultFields(name, 'infer'),
  ]);
  return { stage: { kind: 'infer', name, result: program.results[0].node, tags, sizes }, value: { kind: 'stage', name, fields } };
}

function refinement(
  E: Elaboration,
  name: string,
  op: RefinementOp,
  call: CallExpression,
  scope: Scope,
  known: readonly CaseStage[],
): ReadStage {
  const args = stageArguments(E, op, call, ['cams', ...REFINEMENTS[op], 'image?', 'size?']);
  if (!args) return FAILED;
  const maps = mapsOf(E, args.get('cams')!, scope, known);
  const json = refinementArguments(E, op, args, scope);
  numbers(E, args, ['threshold'], scope, json);
  const boundary = one(E, args.get('boundary'), scope, 'boundary');
  const image = one(E, args.get('image'), scope, 'image');
  const size = sizeOf(E, args.get('size'), scope);
  const refines = op === 'crf' || (Array.isArray(json.kernels) && json.kernels.length > 0);
  if (refines && !args.has('image'))
    E.report('missing-argument', call.span, { callee: op, name: 'image' }, { hint: 'its CRF reads the pixels of the image' });
  if (!maps) return FAILED;
  return {
    stage: { kind: 'refine', name, op, args: json, maps, boundary, image, size },
    value: { kind: 'stage', name, fields: new Map(resultFields(name, op)) },
  };
}

/** `foreground.argmax` becomes a field of a field. */
function resultFields(stage: string, op: RefinementOp | 'infer'): readonly (readonly [string, Value])[] {
  const groups = new Map<string, [string, Value][]>();
  const fields: [string, Value][] = [];
  for (const field of RESULTS[op]) {
    const value: Value = { kind: 'stage_result', stage, field };
    const [group, inner] = field.split('.');
    if (inner === undefined) fields.push([field, value]);
    else groups.set(group, [...(groups.get(group) ?? []), [inner, value]]);
  }
  return [...[...groups].map(([group, inner]) => [group, record(inner)] as const), ...fields];
}

function mapsOf(E: Elaboration, expression: Expression, scope: Scope, known: readonly CaseStage[]): CaseMaps | undefined {
  const value = evaluate(E, expression, scope);
  if (value.kind === 'stage' && known.some((s) => s.kind === 'infer' && s.name === value.name)) return { kind: 'stage', stage: value.name };
  if (value.kind === 'record') {
    const maps = value.fields.get('maps');
    const labels = value.fields.get('labels');
    const keys = value.fields.get('keys');
    const ids = labels ?? keys;
    if (maps?.kind === 'reference' && ids?.kind === 'reference' && !(labels && keys))
      return { kind: 'tensors', maps: maps.reference, labels: ids.reference, indices: !labels };
  }
  if (value.kind !== 'poison')
    wrong(
      E,
      expression.span,
      'cams',
      'a stage infer, { maps: …, labels: … } (0 the background) or { maps: …, keys: … } (classes from 0)',
      value,
    );
  return undefined;
}

/** One tensor of the file, or a list of them. */
function referencesOf(E: Elaboration, value: Value, expression: Expression, where: string): readonly Reference[] | undefined {
  const items = value.kind === 'list' ? value.items : [value];
  const references = items.flatMap((item) => (item.kind === 'reference' ? [item.reference] : []));
  if (references.length === items.length && items.length > 0) return references;
  if (!items.some((item) => item.kind === 'poison'))
    wrong(E, expression.span, where, 'tensors of the reference file, such as [chw("x")]', value);
  return undefined;
}

function one(E: Elaboration, expression: Expression | undefined, scope: Scope, where: string): Reference | undefined {
  return expression && referencesOf(E, evaluate(E, expression, scope), expression, where)?.[0];
}

function sizeOf(E: Elaboration, expression: Expression | undefined, scope: Scope): readonly [number, number] | undefined {
  if (!expression) return undefined;
  const value = evaluate(E, expression, scope);
  const items = value.kind === 'list' ? value.items.map((v) => (v.kind === 'number' ? v.value : Number.NaN)) : [];
  if (items.length === 2 && items.every(Number.isInteger)) return [items[0], items[1]];
  if (value.kind !== 'poison') wrong(E, expression.span, 'size', '[height, width]', value);
  return undefined;
}

function wrong(E: Elaboration, at: Span, where: string, wanted: string, found: Value): void {
  E.report('static-type', at, { where, wanted, found: describe(found) });
}
