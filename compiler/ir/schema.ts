/** JSON schema of the IR's file format, checked with ajv. Every object is closed. */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { IR_VERSION, type ProgramJson } from './wire.ts';

type Schema = Readonly<Record<string, unknown>>;

/** A closed object; names ending in `?` may be missing. */
function object(properties: Readonly<Record<string, Schema>>): Schema {
  const names = Object.keys(properties);
  return {
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name.replace(/\?$/, ''), properties[name]])),
    required: names.filter((name) => !name.endsWith('?')),
    additionalProperties: false,
  };
}
const text: Schema = { type: 'string' };
const number: Schema = { type: 'number' };
const flag: Schema = { type: 'boolean' };
const index: Schema = { type: 'integer', minimum: 0 };
const listOf = (items: Schema): Schema => ({ type: 'array', items });
const record = (values: Schema): Schema => ({ type: 'object', additionalProperties: values });
const tuple = (...items: readonly Schema[]): Schema => ({
  type: 'array',
  items,
  minItems: items.length,
  additionalItems: false,
  maxItems: items.length,
});
const word = (...words: readonly string[]): Schema => ({ enum: words });
const is = (value: string | number): Schema => ({ const: value });
const ref = (name: string): Schema => ({ $ref: `#/definitions/${name}` });
const either = (...options: readonly Schema[]): Schema => ({ anyOf: options });

const special = object({ number: word('Infinity', '-Infinity', 'NaN', '-0') });
const anyNumber = either(number, special);
const dim = ref('dim');
const span = tuple(index, index, index);
const dtype = word('f32', 'i32', 'bool');
const kind = word(
  'tensor',
  'image',
  'features',
  'cam',
  'logits',
  'probabilities',
  'tags',
  'mask',
  'labels',
  'region',
  'affinity',
  'prototype',
  'saliency',
  'boundary',
  'seeds',
  'loss',
  'scalar',
);

const node = object({
  op: text,
  inputs: listOf(index),
  attrs: record(ref('attr')),
  dtype,
  shape: listOf(dim),
  kind,
  range: tuple(anyNumber, anyNumber),
  path: text,
  phase: word('forward', 'backward', 'update'),
  'name?': text,
  'span?': span,
});

const naming = object({ name: text, lines: listOf(tuple(text, text)), others: listOf(text) });

const graph = object({
  name: text,
  nodes: listOf(node),
  outputs: listOf(object({ role: word('gradient', 'state', 'output', 'loss'), name: text, node: index })),
  assertions: listOf(object({ left: dim, right: dim, relation: word('==', '>=', 'divisible by'), reason: text, 'span?': span })),
});

const initializer = either(
  object({ kind: is('constant'), value: number }),
  object({ kind: is('uniform'), low: number, high: number }),
  object({ kind: is('normal'), mean: number, std: number }),
  object({ kind: word('fan_uniform', 'fan_normal'), scale: number, fan: word('in', 'out') }),
);

const state = object({
  key: text,
  role: word('parameter', 'statistic', 'slot', 'average', 'flag'),
  dtype,
  shape: listOf(dim),
  init: initializer,
  'average?': object({ of: text, momentum: number }),
  backbone: flag,
  'parameterRole?': word('kernel', 'bias', 'norm', 'other'),
  'span?': span,
});

const rule = either(
  object({ kind: is('sgd'), momentum: number, nesterov: flag }),
  object({ kind: word('adam', 'adamw'), beta1: number, beta2: number, epsilon: number }),
  object({ kind: is('muon'), momentum: number, nesterov: flag, iterations: index }),
);

const schedule = object({
  shape: either(
    object({ kind: is('constant') }),
    object({ kind: is('poly'), power: number, every: number }),
    object({ kind: is('cosine'), final: number }),
    object({ kind: is('steps'), at: listOf(number), factor: number }),
  ),
  warmup: number,
});

const viewStep = object({ op: text, args: record(either(number, text, flag, listOf(number))) });

const ramp = object({ from: number, to: number, fromEpoch: number, toEpoch: number });
const sourceRef = object({ dataset: text, split: text });

const train = object({
  'epochs?': number,
  'steps?': number,
  batch: number,
  'accumulate?': index,
  views: listOf(object({ name: text, from: text, steps: listOf(viewStep) })),
  bindings: listOf(object({ input: text, view: text, part: word('image', 'inside', 'tags', 'mask', 'saliency', 'geometry') })),
  'source?': sourceRef,
  'also?': listOf(sourceRef),
  'pairs?': listOf(object({ name: text, self: flag, 'from?': listOf(sourceRef) })),
  'validate?': listOf(
    object({
      every: either(object({ steps: index }), object({ epochs: index })),
      on: sourceRef,
      program: text,
      'best?': word('miou'),
      tags: flag,
    }),
  ),
  optimizer: object({
    'clipNorm?': number,
    groups: listOf(object({ name: text, keys: listOf(text), rule, rate: number, weightDecay: number, 'schedule?': schedule })),
  }),
  schedule,
  losses: listOf(
    object({ name: text, weight: either(number, ramp), fromEpoch: index, 'untilEpoch?': index, 'off?': is('untouched'), span }),
  ),
  phases: listOf(object({ fromEpoch: index, graph: text, 'update?': text })),
  update: text,
});

const infer = object({
  name: text,
  graph: text,
  inputs: listOf(
    object({
      input: text,
      part: word('image', 'tags', 'cams', 'maps', 'masks', 'saliency', 'drawn'),
      'group?': text,
      steps: listOf(viewStep),
    }),
  ),
  photo: object({ height: text, width: text }),
  readsTags: flag,
  returns: listOf(object({ name: text, kind, background: flag })),
  span,
});

const definitions: Schema = {
  dim: either(
    { type: 'integer' },
    text,
    object({ sum: listOf(listOf(dim)) }),
    object({ floor: tuple(dim, dim) }),
    object({ exact: tuple(text, number) }),
    object({ max: listOf(dim) }),
    object({ min: listOf(dim) }),
    object({ round: tuple(number, dim) }),
    object({ int: tuple(number, dim) }),
  ),
  attr: either(anyNumber, text, flag, object({ dim }), listOf(ref('attr'))),
};

export const programSchema: Schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  definitions,
  ...object({
    format: is('wsss-ir'),
    version: is(IR_VERSION),
    name: text,
    batchDim: text,
    classDim: text,
    supervision: listOf(text),
    'pretrained?': listOf(object({ backbone: text, on: text, module: text, 'namings?': listOf(naming) })),
    sources: listOf(object({ name: text, text })),
    state: listOf(state),
    graphs: record(graph),
    'train?': train,
    infer: record(infer),
  }),
};

let compiled: ValidateFunction<ProgramJson> | undefined;

export type SchemaCheck =
  | { readonly ok: true; readonly program: ProgramJson }
  | { readonly ok: false; readonly path: string; readonly message: string };

/** Whether some JSON is a program of this version; else the most telling problem. */
export function checkProgramJson(json: unknown): SchemaCheck {
  compiled ??= new Ajv({ allErrors: false, strict: true, strictTuples: false, allowUnionTypes: true }).compile<ProgramJson>(programSchema);
  if (compiled(json)) return { ok: true, program: json };
  const { path, message } = telling(compiled.errors ?? []);
  return { ok: false, path, message };
}

/** Of several alternatives ajv reports all: the deepest says most. */
function telling(errors: readonly ErrorObject[]): { readonly path: string; readonly message: string } {
  const depth = (error: ErrorObject): number => error.instancePath.split('/').length;
  const [best] = [...errors].sort((a, b) => depth(b) - depth(a));
  if (!best) return { path: '', message: 'not a program' };
  const extra =
    best.keyword === 'additionalProperties'
      ? ` '${String(best.params.additionalProperty)}'`
      : best.keyword === 'const'
        ? ` ${JSON.stringify(best.params.allowedValue)}`
        : '';
  return { path: best.instancePath, message: `${best.message ?? 'is wrong'}${extra}` };
}
