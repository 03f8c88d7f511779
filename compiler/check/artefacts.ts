/** What stages of a pipeline hand to each other, as the checker types it. */
import type { Kind } from '../ops/graph.ts';
import type { StageProgram, TrainableMethod } from './pipeline.ts';

export type ArtefactType =
  | 'checkpoint'
  /** Class maps of single images, with or without a background channel. */
  | 'cams'
  /** Other maps of single images: logits, probabilities, features. */
  | 'maps'
  /** One map of boundaries an image. */
  | 'boundary'
  | 'masks'
  | 'saliency'
  | 'boxes'
  | 'threshold'
  | 'scores'
  | 'report'
  /** Several maps of each image, by name. */
  | 'record'
  /** After a mistake: fits everywhere. */
  | 'unknown';

/** What may be brought from outside, with the words that describe it. */
export const GIVEN: Readonly<Record<string, readonly string[]>> = {
  checkpoint: ['a method'],
  cams: ['with_background', 'without_background'],
  maps: [],
  boundary: [],
  masks: [],
  saliency: [],
  boxes: [],
};

export interface Known {
  /** The stage's name in the plan, which is that of its folder; of a part of a record with the part: `seeds.cam`. */
  readonly stage: string;
  readonly artefact: ArtefactType;
  /** Of a checkpoint: what it was trained for. */
  readonly method?: TrainableMethod;
  /** Of maps: what their values are, where that is known. */
  readonly values?: Kind;
  /** Of cams: whether channel 0 is the background. */
  readonly background?: boolean;
  /** Whether it says which images it is of. */
  readonly covers: boolean;
  /** Parts of a record, by name. */
  readonly parts?: ReadonlyMap<string, Known>;
}

/** The artefact of an inference program on some images: one kind of maps, or a record of them. */
export function inferred(stage: string, { results }: Pick<StageProgram, 'results'>, save: 'labels' | 'maps'): Known {
  const one = (name: string, kind: Kind, background: boolean | undefined): Known => ({
    stage: name,
    artefact: save === 'labels' && kind !== 'saliency' ? 'masks' : mapsOf(kind),
    values: save === 'labels' ? undefined : kind,
    background: kind === 'cam' ? background : undefined,
    covers: true,
  });
  const [only, ...others] = results;
  if (only && others.length === 0 && only.name === 'result') return one(stage, only.kind, only.background);
  return {
    stage,
    artefact: 'record',
    covers: true,
    parts: new Map(results.map(({ name, kind, background }) => [name, one(`${stage}.${name}`, kind, background)] as const)),
  };
}

function mapsOf(kind: Kind): ArtefactType {
  switch (kind) {
    case 'cam':
      return 'cams';
    case 'boundary':
    case 'saliency':
      return kind;
    case 'labels':
      return 'masks';
    default:
      return 'maps';
  }
}

/** In words, for messages. */
export function artefactWords({ artefact, parts, background }: Known): string {
  if (parts) return `a record of ${[...parts.keys()].join(', ')}`;
  if (artefact === 'cams' && background !== undefined) return `cams ${background ? 'with' : 'without'} background`;
  return artefact;
}
