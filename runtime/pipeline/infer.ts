import type { RgbImage } from '../data/image.ts';
import { parseViewProgram, type ViewProgram } from '../data/views/program.ts';
import { renderViews } from '../data/views/render.ts';
import type { Dimensions, GraphPort, InferEntry, Program } from '../program.ts';
import { bindDimensions, checkAssertions } from '../sizes.ts';
import { DeviceState, disposeAll, type HostTensor, portsOf, toDevice, withTensors } from '../train/device.ts';
import { RunError } from '../train/errors.ts';
import { tellingNonFinite } from '../train/numerics/found.ts';
import { flatStep } from '../train/source.ts';
import type { HostState } from '../train/state.ts';
import type { CamMaps } from './cam-files.ts';
import type { ImageInputs } from './infer-inputs.ts';

/** What an inference program returned for one photo: [height, width, channels], [height, width] of labels, or [channels] with height and width 1. */
export interface Inference {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Channels last. */
  readonly data: Float32Array;
}

/** Finds an inference program by name; throws RunError naming those there are. */
export function inferEntry(program: Program, name: string): InferEntry {
  const entry = program.meta.infer[name];
  if (entry) return entry;
  throw new RunError(
    'run-unknown-inference',
    `the program ${program.meta.name} has no inference program '${name}'`,
    `It has ${Object.keys(program.meta.infer).join(', ') || 'none'}.`,
  );
}

/** One inference program with its weights on the backend. */
export class Inferrer {
  readonly entry: InferEntry;
  readonly #program: Program;
  readonly #device: DeviceState;
  readonly #classes: number;
  readonly #pictures: readonly { readonly input: string; readonly group?: string; readonly program: ViewProgram }[];
  readonly #ports: readonly GraphPort[];

  constructor(program: Program, name: string, state: HostState, classes: number) {
    this.entry = inferEntry(program, name);
    this.#program = program;
    this.#classes = classes;
    this.#ports = program.meta.graphs[this.entry.graph].inputs;
    this.#device = new DeviceState(
      state,
      portsOf(this.#ports, 'state').map((port) => port.name),
    );
    this.#pictures = this.entry.inputs
      .filter(({ part }) => part === 'image')
      .map(({ input, group, steps }) => ({
        input,
        group,
        program: parseViewProgram({ views: [{ name: input, from: 'source', steps: steps.map(flatStep) }] }, program.meta.spec),
      }));
  }

  /** What the program returns for one photo, by name. `tags` [K] are looked at only where the program reads them. */
  async run(id: string, image: RgbImage, tags: Float32Array | undefined, further?: ImageInputs): Promise<ReadonlyMap<string, Inference>> {
    const inputs: Record<string, HostTensor> = { ...further?.tensors };
    for (const { input, part, group } of this.entry.inputs) if (part === 'tags' && group === undefined) inputs[input] = tagRow(tags, id);
    for (const { input, group, program } of this.#pictures)
      inputs[input] =
        group === undefined
          ? picture(program, input, image, id)
          : stacked((further?.pictures[group] ?? []).map((partner) => picture(program, input, partner.image, partner.id)));
    const { photo, graph } = this.entry;
    const meta = this.#program.meta;
    const known: Dimensions = {
      [photo.height]: image.height,
      [photo.width]: image.width,
      [meta.classDim]: this.#classes,
      [meta.batchDim]: 1,
    };
    const shapes = Object.entries(inputs).map(([name, { shape }]) => ({ name, shape }));
    const dims = bindDimensions(this.#ports, 'batch', shapes, known);
    checkAssertions(meta.graphs[graph], dims);
    const outputs = withTensors((hold) => {
      const batch: Record<string, ReturnType<typeof toDevice>> = {};
      for (const port of portsOf(this.#ports, 'batch')) batch[port.name] = hold(toDevice(inputs[port.name]));
      const run = this.#program.graphs[graph];
      const state = this.#device.tensors;
      const result = tellingNonFinite(
        () => ({ during: 'inference', ids: [id], given: { state, batch } }),
        () => run({ state, batch, draws: {}, scalars: {}, gradients: {}, dims }),
      );
      disposeAll(result.gradients, result.losses, result.state);
      return result.outputs;
    });
    try {
      const results = new Map<string, Inference>();
      for (const { name } of this.entry.returns) {
        const result = outputs[name];
        if (!result)
          throw new RunError('run-unknown-inference', `the inference graph '${graph}' does not return '${name}'`, 'Build the spec again.');
        const shape: readonly number[] = result.shape;
        const [height, width] = shape.length >= 3 ? [shape[1], shape[2]] : [1, 1];
        const channels = shape.length === 3 ? 1 : shape[shape.length - 1];
        results.set(name, { height, width, channels, data: Float32Array.from(await result.data()) });
      }
      return results;
    } finally {
      disposeAll(outputs);
    }
  }

  dispose(): void {
    this.#device.dispose();
  }
}

function picture(program: ViewProgram, name: string, image: RgbImage, id: string): HostTensor {
  const view = renderViews(program, { source: { image } }, { seed: 0, epoch: 0, id }).get(name);
  if (!view) throw new RangeError(`no view '${name}'`);
  return { shape: [1, view.height, view.width, 3], data: view.image };
}

/** Pictures of one size, one after the other. */
function stacked(pictures: readonly HostTensor[]): HostTensor {
  const [first] = pictures;
  if (!first) throw new RangeError('a group without partners');
  const data = new Float32Array(first.data.length * pictures.length);
  pictures.forEach((one, i) => {
    data.set(one.data, i * first.data.length);
  });
  return { shape: [pictures.length, ...first.shape.slice(1)], data };
}

function tagRow(tags: Float32Array | undefined, id: string): HostTensor {
  if (!tags)
    throw new RunError(
      'run-leaks-tags',
      `the inference program reads the tags of '${id}', which this run may not see`,
      'Choose a split with tags.',
    );
  return { shape: [1, tags.length], data: tags };
}

/**
 * The maps of the present classes (of all classes without `tags`), channels first. With `background` channel 0 of the inference is the
 * background, which is always kept.
 */
export function camMaps({ height, width, channels, data }: Inference, background: boolean, tags: Float32Array | undefined): CamMaps {
  const first = background ? 1 : 0;
  const labels: number[] = background ? [0] : [];
  for (let c = first; c < channels; c++) if (!tags || tags[c - first] > 0) labels.push(c - first + 1);
  const pixels = height * width;
  const picked = new Float32Array(labels.length * pixels);
  labels.forEach((label, n) => {
    const channel = background ? label : label - 1;
    for (let p = 0; p < pixels; p++) picked[n * pixels + p] = data[p * channels + channel];
  });
  return { height, width, labels, data: picked };
}

/** Index of the largest channel of every pixel, ties to the first. */
export function labelsOf({ height, width, channels, data }: Inference): Uint8Array {
  const labels = new Uint8Array(height * width);
  for (let p = 0; p < labels.length; p++) {
    let best = 0;
    for (let c = 1; c < channels; c++) if (data[p * channels + c] > data[p * channels + best]) best = c;
    labels[p] = best;
  }
  return labels;
}
