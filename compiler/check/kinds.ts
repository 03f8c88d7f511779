/** Which kind of tensor may stand where another is asked for. */
import type { Kind } from '../ops/graph.ts';
import type { Dim } from '../shape/dim.ts';

/** Type names of the language and the kinds they mean. */
export const TYPE_KINDS: Readonly<Record<string, Kind>> = {
  Tensor: 'tensor',
  Image: 'image',
  Features: 'features',
  Tokens: 'features',
  Cam: 'cam',
  Logits: 'logits',
  Probabilities: 'probabilities',
  Tags: 'tags',
  Mask: 'mask',
  Labels: 'labels',
  Region: 'region',
  Affinity: 'affinity',
  Prototype: 'prototype',
  Prototypes: 'prototype',
  Saliency: 'saliency',
  Boundary: 'boundary',
  Seeds: 'seeds',
  Loss: 'loss',
  Scalar: 'scalar',
};

/** Words that declare a value of a kind: `cam raw = …`, `features deep = …`. */
export const KIND_WORDS: Readonly<Record<string, Kind>> = Object.fromEntries(
  Object.values(TYPE_KINDS)
    .filter((kind) => kind !== 'loss' && kind !== 'scalar')
    .map((kind) => [kind, kind]),
);

/** Kinds that a declaration or a parameter of the first kind takes without a conversion. `tensor`, which claims nothing, goes everywhere. */
const TAKES: Readonly<Partial<Record<Kind, readonly Kind[]>>> = {
  cam: ['features'],
  logits: ['features'],
  prototype: ['features'],
  features: ['image', 'prototype'],
  seeds: ['mask'],
  region: ['mask'],
  mask: ['seeds', 'region'],
  tags: ['mask'],
  saliency: ['probabilities', 'mask'],
  boundary: ['probabilities'],
  affinity: ['features'],
  loss: ['scalar'],
  scalar: ['loss'],
};

export function accepts(wanted: Kind, found: Kind): boolean {
  return wanted === 'tensor' || found === 'tensor' || wanted === found || (TAKES[wanted]?.includes(found) ?? false);
}

/** How an author gets from one kind to another, in words. */
export function conversion(wanted: Kind, found: Kind): string {
  if (wanted === 'probabilities' && (found === 'logits' || found === 'features' || found === 'cam'))
    return 'apply sigmoid (several classes may be present) or softmax over the channels';
  if (wanted === 'logits' && found === 'probabilities') return 'give the values before sigmoid or softmax';
  if (wanted === 'cam' && found === 'logits') return 'logits of an image have no place: use the maps before the spatial mean';
  if (wanted === 'labels') return 'take argmax over the channels';
  if (found === 'labels') return 'use one_hot(labels, classes)';
  return `if it really is ${wanted}, say so: … as ${wanted}`;
}

/** Maps with a channel more than there are classes hold the background in front. */
export function hasBackground(shape: readonly Dim[], classes: string): boolean {
  const last = shape[shape.length - 1];
  return (
    last?.terms.some((t) => t.atoms.length === 0 && t.coefficient === 1) &&
    last.terms.some((t) => t.atoms.some((a) => a.kind === 'variable' && a.name === classes))
  );
}
