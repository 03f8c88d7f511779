import { Ajv, type ErrorObject } from 'ajv';

/**
 * What a number was measured with. Two numbers may be compared only when all of this is equal: scores "with CRF on train" and "without
 * CRF on val" are different quantities under one name.
 */
export interface Protocol {
  /** Number of images scored. */
  readonly images: number;
  /** Number of classes, background included where the metric has one. */
  readonly classes: number;
  /** Background threshold, and the split (or rule) it was chosen on. */
  readonly threshold?: number;
  readonly thresholdSource?: string;
  /** The CRF applied, in words, or 'none'. */
  readonly crf?: string;
  /** Test-time scales, mirror included or not in `mirror`. */
  readonly scales?: readonly number[];
  readonly mirror?: boolean;
  /** Which checkpoint, e.g. 'last' or 'best on val'. */
  readonly checkpoint?: string;
  /** What the weights that made the predictions started from, and what those were trained on; 'none' for random values. */
  readonly initialWeights?: string;
  /** What a predicted 255 counts as, and the share of labelled pixels scored under 'exclude'. */
  readonly predicted255?: 'background' | 'exclude';
  readonly coverage?: number;
  readonly seed?: number;
  /** Anything else that makes this number another number. */
  readonly other?: Readonly<Record<string, string | number | boolean>>;
}

export interface Score {
  /** What was scored: 'classifier', 'seeds', 'pseudo masks', 'segmenter' ... */
  readonly stage: string;
  readonly split: string;
  /** 'mIoU', 'mAP' ... */
  readonly metric: string;
  /** In `unit`; null where the score does not exist (no class occurs). */
  readonly value: number | null;
  /** '%' (0 to 100) when absent; '' for a plain number. */
  readonly unit?: string;
  /** 'baseline' for trivial predictions, 'oracle' for numbers that used ground truth a method may not see. */
  readonly role?: 'result' | 'baseline' | 'oracle';
  readonly protocol: Protocol;
  /** What the number rests on that the authors do not settle (`@inferred` in the spec): it is our reading of the paper. */
  readonly readings?: readonly string[];
}

const scalar = { type: ['string', 'number', 'boolean'] };

/** JSON schema of `scores.json`. Unknown keys are errors. */
export const SCORES_SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'wsss scores',
  type: 'object',
  required: ['version', 'scores'],
  additionalProperties: false,
  properties: {
    version: { const: 1 },
    scores: {
      type: 'array',
      items: {
        type: 'object',
        required: ['stage', 'split', 'metric', 'value', 'protocol'],
        additionalProperties: false,
        properties: {
          stage: { type: 'string', minLength: 1 },
          split: { type: 'string', minLength: 1 },
          metric: { type: 'string', minLength: 1 },
          value: { type: ['number', 'null'] },
          unit: { type: 'string' },
          readings: { type: 'array', items: { type: 'string' }, minItems: 1 },
          role: { enum: ['result', 'baseline', 'oracle'] },
          protocol: {
            type: 'object',
            required: ['images', 'classes'],
            additionalProperties: false,
            properties: {
              images: { type: 'integer', minimum: 0 },
              classes: { type: 'integer', minimum: 1 },
              threshold: { type: 'number' },
              thresholdSource: { type: 'string' },
              crf: { type: 'string' },
              scales: { type: 'array', items: { type: 'number', exclusiveMinimum: 0 } },
              mirror: { type: 'boolean' },
              checkpoint: { type: 'string' },
              initialWeights: { type: 'string' },
              predicted255: { enum: ['background', 'exclude'] },
              coverage: { type: 'number', minimum: 0, maximum: 1 },
              seed: { type: 'integer' },
              other: { type: 'object', additionalProperties: scalar },
            },
          },
        },
      },
    },
  },
};

const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile<{ version: 1; scores: Score[] }>(SCORES_SCHEMA);

/** The text of `scores.json`: the same bytes for the same scores. Throws RangeError for a score the schema refuses. */
export function formatScores(scores: readonly Score[]): string {
  const whole = scores.map((s) => ({ ...s, value: s.value !== null && Number.isFinite(s.value) ? s.value : null }));
  const text = `${JSON.stringify({ version: 1, scores: whole }, null, 2)}\n`;
  if (!validate(JSON.parse(text))) throw new RangeError(`formatScores: ${complaints(validate.errors)}`);
  return text;
}

/** The scores in the text of a `scores.json`. Throws SyntaxError naming `place` (the file) and every fault. */
export function parseScores(text: string, place: string): readonly Score[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new SyntaxError(`${place}: not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  if (!validate(value)) throw new SyntaxError(`${place}: not a scores file: ${complaints(validate.errors)}`);
  return value.scores;
}

function complaints(errors: readonly ErrorObject[] | null | undefined): string {
  return (errors ?? [])
    .map((e) => {
      const extra = typeof e.params.additionalProperty === 'string' ? ` '${e.params.additionalProperty}'` : '';
      return `${e.instancePath || '/'} ${e.message ?? 'is wrong'}${extra}`;
    })
    .join('; ');
}

/** The ways in which two scores were measured differently; empty when they may be compared. */
export function protocolDifferences(a: Score, b: Score): readonly string[] {
  const flat = (s: Score): Readonly<Record<string, unknown>> => {
    const { other, ...protocol } = s.protocol;
    return { split: s.split, metric: s.metric, unit: s.unit ?? '%', ...protocol, ...other };
  };
  const left = flat(a);
  const right = flat(b);
  const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])].sort();
  const shown = (v: unknown) => (v === undefined ? 'not stated' : JSON.stringify(v));
  return keys.filter((k) => shown(left[k]) !== shown(right[k])).map((k) => `${k}: ${shown(left[k])} against ${shown(right[k])}`);
}
