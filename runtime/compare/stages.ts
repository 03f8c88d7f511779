/** Runs the stages of a case on one image, with the code that a pipeline runs on every image, and compares what they make. */
import type { CamMaps } from '../pipeline/cam-files.ts';
import { argmaxLabels } from '../pipeline/cam-files.ts';
import { camMaps } from '../pipeline/infer.ts';
import { type BoundaryMap, crfLabels, type IrPass, irLabel, type Picture, walkLabels, walkMatrices } from '../pipeline/refine-image.ts';
import type { TensorMap } from '../program.ts';
import { type Ordered, toFile, toProgram } from './axes.ts';
import { CompareError } from './errors.ts';
import type { Reference } from './reference.ts';
import { compareTensor, missing, type Row, ruleOf } from './rows.ts';
import type { FileTensor, InferencePlan, MapsSource, RefinementPlan, StagesPlan } from './stage-plan.ts';

/** Results of a stage by name, made when they are asked for: some are only for looking at. */
type Results = Readonly<Record<string, () => Ordered | undefined>>;

/** `outputs` are the results of the case's program. Throws CompareError where the file does not fit the stages. */
export async function compareStages(plan: StagesPlan, outputs: TensorMap, reference: Reference): Promise<readonly Row[]> {
  const saved = new Map<string, CamMaps>();
  const results = new Map<string, Results>();
  for (const stage of plan.stages) {
    if (stage.kind === 'infer') {
      const maps = await inferred(stage, outputs, reference);
      saved.set(stage.name, maps);
      results.set(stage.name, savedResults(maps));
    } else results.set(stage.name, refined(stage, mapsOf(stage.maps, saved, reference), reference));
  }
  return plan.results.map(({ stage, field, key, axes }) => {
    const stored = reference.tensors.get(key);
    if (!stored) throw new CompareError('case-unbound', `the reference has no '${key}'`, 'Compare another key.');
    const value = results.get(stage)?.[field]?.();
    if (!value) return missing(key, stored, `the stage '${stage}' has no ${field} here`);
    return compareTensor(key, toFile(value, axes, key), stored, ruleOf(reference, key), reference.description.zeroGradients.includes(key));
  });
}

async function inferred({ name, output, tags }: InferencePlan, outputs: TensorMap, reference: Reference): Promise<CamMaps> {
  if (!Object.hasOwn(outputs, output)) throw new Error(`the program has no result for the stage '${name}'`);
  const tensor = outputs[output];
  const [, height, width, channels] = tensor.shape.length === 4 ? tensor.shape : [1, 1, 1, tensor.shape[tensor.shape.length - 1]];
  const given = tags && Float32Array.from(tensorOf(tags, reference).data);
  // Without tags nothing says how many classes there are: all channels are.
  const background = given !== undefined && channels === given.length + 1;
  return camMaps({ height, width, channels, data: Float32Array.from(await tensor.data()) }, background, given);
}

function savedResults({ labels, height, width, data }: CamMaps): Results {
  const own = labels[0] === 0;
  return {
    'saved.keys': () => ({ shape: [labels.length], data: labels.map((label) => (own ? label : label - 1)) }),
    'saved.maps': () => ({ shape: [labels.length, height, width], data }),
  };
}

function refined(stage: RefinementPlan, maps: CamMaps, reference: Reference): Results {
  const picture = stage.image && pictureOf(stage.image, reference);
  const { height, width } = picture ?? (stage.size ? { height: stage.size[0], width: stage.size[1] } : maps);
  const flat = (data: ArrayLike<number>) => () => ({ shape: [height, width], data });
  switch (stage.op) {
    case 'masks':
      return { labels: () => flat(argmaxLabels(maps, stage.args.threshold))() };
    case 'crf': {
      if (!picture) throw new CompareError('case-unbound', `the stage '${stage.name}' needs an image`, 'Give it image: plain("image").');
      return { labels: () => flat(crfLabels(maps, picture, stage.args, stage.args.threshold))() };
    }
    case 'ir_label': {
      const { foreground, background, ids, labels } = irLabel(maps, picture, stage.args);
      const ofPass = (name: string, { argmax, probabilities, refined: compact }: IrPass): Results => ({
        [`${name}.argmax`]: flat(argmax),
        [`${name}.probabilities`]: () => probabilities && { shape: [ids.length, height, width], data: probabilities },
        [`${name}.refined`]: flat(compact),
        [`${name}.labels`]: flat(Array.from(compact, (label) => ids[label])),
      });
      return { ...ofPass('foreground', foreground), ...ofPass('background', background), labels: flat(labels) };
    }
    case 'random_walk': {
      const boundary = stage.boundary && boundaryOf(stage.boundary, reference);
      if (!boundary)
        throw new CompareError('case-unbound', `the stage '${stage.name}' needs a boundary map`, 'Give it boundary: plain("edge").');
      const { args } = stage;
      const { small, walked, enlarged, labels } = walkLabels(maps, boundary, { height, width }, args, args.threshold);
      const matrices = walkMatrices(boundary, args);
      const channels = maps.labels.length;
      const pixels = boundary.height * boundary.width;
      const coarse = (data: ArrayLike<number>) => () => ({ shape: [channels, boundary.height, boundary.width], data });
      const square = (data: () => ArrayLike<number>) => () => ({ shape: [pixels, pixels], data: data() });
      return {
        small: coarse(small),
        affinity: square(matrices.affinity),
        transition: square(matrices.transition),
        walked: coarse(walked),
        enlarged: () => ({ shape: [channels, height, width], data: enlarged }),
        labels: flat(labels),
      };
    }
  }
}

function mapsOf(source: MapsSource, saved: ReadonlyMap<string, CamMaps>, reference: Reference): CamMaps {
  if (source.kind === 'stage') {
    const found = saved.get(source.stage);
    if (!found) throw new Error(`the stage '${source.stage}' saved no maps`);
    return found;
  }
  const { shape, data } = tensorOf(source.maps, reference);
  const [channels, height, width] = shape;
  const labels = Array.from(tensorOf(source.labels, reference).data, (label) => label + (source.indices ? 1 : 0));
  if (shape.length !== 3 || labels.length !== channels)
    throw new CompareError(
      'case-shape',
      `'${source.maps.key}' has the shape [${shape.join(', ')}] and '${source.labels.key}' ${labels.length} labels`,
      'Maps are [channels, height, width], with a label for each channel.',
    );
  return { height, width, labels, data: Float32Array.from(data) };
}

function boundaryOf(source: FileTensor, reference: Reference): BoundaryMap {
  const { shape, data } = tensorOf(source, reference);
  const [height, width] = shape.slice(-2);
  if (shape.length < 2 || height * width !== data.length)
    throw new CompareError('case-shape', `'${source.key}' has the shape [${shape.join(', ')}]`, 'A boundary is one map [height, width].');
  return { height, width, data: Float32Array.from(data) };
}

function pictureOf(source: FileTensor, reference: Reference): Picture {
  const { shape, data } = tensorOf(source, reference);
  const [height, width, colours] = shape;
  if (shape.length !== 3 || colours !== 3)
    throw new CompareError('case-shape', `'${source.key}' has the shape [${shape.join(', ')}]`, 'An image is [height, width, 3].');
  return { height, width, image: Uint8Array.from(data) };
}

function tensorOf({ key, axes }: FileTensor, reference: Reference): Ordered {
  const stored = reference.tensors.get(key);
  if (!stored)
    throw new CompareError('case-unbound', `the reference has no '${key}'`, 'Bind another key, or add the tensor to the reference.');
  return toProgram(stored, axes, key);
}
