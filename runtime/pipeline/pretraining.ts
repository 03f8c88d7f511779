/** Which file the backbones of a training stage start from, or that they start from nothing although the spec says otherwise. */
import { basename } from 'node:path';
import type { PretrainedBackbone, ProgramMeta } from '../program.ts';
import { RunError } from '../train/errors.ts';
import { weightsSha256 } from '../train/pretrained/file.ts';
import type { StagePlan, TrainStage } from './plan.ts';

export interface Pretraining {
  /** Files by the name of the backbone; under '' the one for every backbone that asks for weights. */
  readonly files: Readonly<Record<string, string>>;
  /** Backbones without a file start at random values. */
  readonly fromScratch: boolean;
}

export const NO_PRETRAINING: Pretraining = { files: {}, fromScratch: false };

export interface BackboneFile extends PretrainedBackbone {
  readonly file: string;
}

export interface InitialWeights {
  readonly files: readonly BackboneFile[];
  /** Backbones whose spec asks for weights, and that get none. */
  readonly scratch: readonly PretrainedBackbone[];
}

/**
 * Where the weights of a stage come from: `--weights`, then the file that the pipeline names. A stage that starts from a checkpoint needs none.
 * Throws RunError `run-no-weights` where the spec asks for weights and nothing says what to start from.
 */
export function initialWeights(stage: TrainStage, meta: ProgramMeta, { files, fromScratch }: Pretraining): InitialWeights {
  const found: BackboneFile[] = [];
  const missing: PretrainedBackbone[] = [];
  for (const backbone of meta.pretrained ?? []) {
    const file = files[backbone.backbone] ?? files[''] ?? stage.args.weights;
    if (file === undefined) missing.push(backbone);
    else found.push({ ...backbone, file });
  }
  if (stage.inputs.init !== undefined) return { files: found, scratch: [] };
  const [first] = missing;
  if (first && !fromScratch) throw noWeights(stage, meta, first);
  return { files: found, scratch: missing };
}

/** Looks at every training stage before anything runs. Throws RunError: `run-no-weights`, or `run-usage` for a file that no backbone asks for. */
export function checkPretraining(
  stages: readonly StagePlan[],
  metaOf: (program: string) => ProgramMeta | undefined,
  pretraining: Pretraining,
): void {
  const trained = stages.flatMap((stage) => {
    const meta = stage.op === 'train' ? metaOf(stage.program) : undefined;
    return stage.op === 'train' && meta ? [{ stage, meta }] : [];
  });
  const asking = new Set(trained.flatMap(({ meta }) => (meta.pretrained ?? []).map(({ backbone }) => backbone)));
  const stray = Object.keys(pretraining.files).find((name) => (name === '' ? asking.size === 0 : !asking.has(name)));
  if (stray !== undefined) {
    throw new RunError(
      'run-usage',
      `--weights ${stray === '' ? '' : `${stray}=`}${pretraining.files[stray]}: ${stray === '' ? 'no backbone' : `no backbone '${stray}'`} of what is trained asks for weights`,
      asking.size > 0
        ? `Those that do: ${[...asking].join(', ')}.`
        : 'Say in the spec what they were trained on: backbone net = resnet50(…) init imagenet.',
    );
  }
  for (const { stage, meta } of trained) initialWeights(stage, meta, pretraining);
}

/** What decides the outcome of training: the bytes of each file, by backbone. Undefined where nothing is read. */
export async function pretrainingKey({ files }: InitialWeights): Promise<readonly (readonly [string, string])[] | undefined> {
  if (files.length === 0) return undefined;
  const hashes: (readonly [string, string])[] = [];
  for (const { backbone, file } of files) hashes.push([backbone, await weightsSha256(file)]);
  return hashes;
}

/** For the protocol of scores: `net: resnet50.safetensors (imagenet, sha256 0676ba61b6795bbe)`, or `none`. */
export async function initialWeightsText({ files, scratch }: InitialWeights): Promise<string> {
  const parts: string[] = [];
  for (const { backbone, file, on } of files)
    parts.push(`${backbone}: ${basename(file)} (${on}, sha256 ${(await weightsSha256(file)).slice(0, 16)})`);
  if (parts.length === 0) return 'none';
  return [...parts, ...scratch.map(({ backbone }) => `${backbone}: none`)].join(', ');
}

function noWeights(stage: TrainStage, meta: ProgramMeta, { backbone, on, module }: PretrainedBackbone): RunError {
  const below = meta.state.filter(({ key, role }) => key.startsWith(`${backbone}.`) && (role === 'parameter' || role === 'statistic'));
  const network = /^resnet\d+$/.test(module) ? module : 'resnet50';
  const save = `import torchvision; from safetensors.torch import save_file; save_file(torchvision.models.${network}(weights='IMAGENET1K_V1').state_dict(), '${network}.safetensors')`;
  return new RunError(
    'run-no-weights',
    `the backbone '${backbone}' of ${meta.name} starts from weights trained on ${on}, and stage '${stage.name}' is given none`,
    `Give them: --weights ${backbone}=${network}.safetensors, the ${below.length} tensors conv1.weight, bn1.weight, layer1.0.conv1.weight … as torchvision names them (fc is not needed). ` +
      `Made by: python -c "${save}". Or --from-scratch: random values, also in frozen layers, and every score says so.`,
  );
}
