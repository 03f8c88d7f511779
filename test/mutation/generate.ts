/**
 * The mutation test's generator: correct specs, and in each trial one mistake of the kind that authors make, at a known place. Everything follows
 * from the seed. It knows nothing of the checker: what it makes is not chosen by what is found (docs/mutation.md tells the score).
 */
import { readFileSync } from 'node:fs';
import { generator } from '../unit/syntax/mangle.ts';
import type { MutationKind, Site } from './kind.ts';
import { CALLS } from './kinds/calls.ts';
import { GRADIENTS } from './kinds/gradients.ts';
import { MEANING } from './kinds/meaning.ts';
import { NAMES } from './kinds/names.ts';
import { SHAPES } from './kinds/shapes.ts';
import { STAGES } from './kinds/stages.ts';
import { TRAINING } from './kinds/training.ts';
import { readSpec, type Spec } from './spec.ts';

export const SEED = 20261125;
export const TRIALS = 300;

/** Specs that mistakes are made in, by their names under `specs/`. */
export const MUTATED = [
  'methods/c2am.wsss',
  'methods/cam.wsss',
  'methods/deeplab.wsss',
  'methods/irn.wsss',
  'methods/rtc.wsss',
  'methods/sipe.wsss',
  'methods/ws-fcn.wsss',
  'methods/wseg.wsss',
  'examples/quickstart.wsss',
];

export const KINDS: readonly MutationKind[] = [...NAMES, ...CALLS, ...SHAPES, ...MEANING, ...GRADIENTS, ...TRAINING, ...STAGES];

export interface Mutant {
  /** From 0; the trial. */
  readonly number: number;
  readonly spec: Spec;
  readonly kind: MutationKind;
  readonly site: Site;
  /** The whole text with the mistake. */
  readonly text: string;
}

export function readSpecs(names: readonly string[] = MUTATED): readonly Spec[] {
  return names.map((name) => readSpec(name, readFileSync(new URL(`../../specs/${name}`, import.meta.url), 'utf8')));
}

/**
 * The specs take turns; in each trial every kind of mistake that is left for the spec is equally likely, then every place for it. No mistake is made
 * twice, and an edit that changes nothing is none.
 */
export function generate(specs: readonly Spec[], trials = TRIALS, seed = SEED): readonly Mutant[] {
  const random = generator(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)];
  const left = specs.map((spec) => KINDS.map((kind) => ({ kind, sites: distinct(spec, kind.sites(spec)) })));
  const made: Mutant[] = [];
  const texts = new Set<string>();
  while (made.length < trials) {
    const turn = made.length % specs.length;
    const open = left[turn].filter(({ sites }) => sites.length > 0);
    if (open.length === 0) throw new RangeError(`${specs[turn].name} has no place left for a mistake`);
    const choice = pick(open);
    const site = pick(choice.sites);
    choice.sites = choice.sites.filter((other) => other !== site);
    const spec = specs[turn];
    const text = spec.text.slice(0, site.start) + site.text + spec.text.slice(site.end);
    // Two kinds of mistakes may come to the same text.
    const key = `${spec.name}\n${text}`;
    if (texts.has(key)) continue;
    texts.add(key);
    made.push({ number: made.length, spec, kind: choice.kind, site, text });
  }
  return made;
}

function distinct(spec: Spec, sites: readonly Site[]): readonly Site[] {
  const seen = new Set<string>();
  return sites.filter((site) => {
    const key = `${site.start}:${site.end}:${site.text}`;
    if (seen.has(key) || spec.text.slice(site.start, site.end) === site.text) return false;
    seen.add(key);
    return true;
  });
}
