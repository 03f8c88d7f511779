/** Between arrays of the host and tensors of the backend. Tensors made here belong to whoever asked for them. */
import { engine } from '@tensorflow/tfjs-core';
import type { Tensor } from '../ops/tensor.ts';
import { sizeOf, tfjsDType } from '../ops/tensor.ts';
import type { Dimensions, GraphPort, TensorMap } from '../program.ts';
import { draws } from '../random/counter.ts';
import { SizeError } from '../size-arithmetic.ts';
import { evaluateSize } from '../sizes.ts';
import type { HostState } from './state.ts';

/** Values with a shape, row-major. */
export interface HostTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}
export type HostTensors = Readonly<Record<string, HostTensor>>;

/** A tensor of its own values: some backends keep the array they are given, so a shared one is copied first. */
export function toDevice({ shape, data }: HostTensor, shared = false): Tensor {
  if (data.length !== sizeOf(shape)) throw new RangeError(`${data.length} values for the shape [${shape.join(', ')}]`);
  const own = shared && engine().backendName !== 'wasm' ? data.slice() : data;
  return engine().makeTensor(own, [...shape], data instanceof Int32Array ? 'int32' : 'float32');
}

/** A rank-0 float32 tensor. */
export function scalarTensor(value: number): Tensor {
  return engine().makeTensor(Float32Array.of(value), [], 'float32');
}

/** Runs `use` with tensors and disposes every one of them afterwards, also when it throws. */
export function withTensors<R>(make: (hold: (tensor: Tensor) => Tensor) => R): R {
  const held: Tensor[] = [];
  try {
    return make((tensor) => {
      held.push(tensor);
      return tensor;
    });
  } finally {
    for (const tensor of held) tensor.dispose();
  }
}

export function disposeAll(...maps: readonly TensorMap[]): void {
  for (const map of maps) for (const tensor of Object.values(map)) tensor.dispose();
}

/** The inputs of a graph with this role, by name. */
export function portsOf(ports: readonly GraphPort[], role: GraphPort['role']): readonly GraphPort[] {
  return ports.filter((port) => port.role === role);
}

/** The state tensors that some graphs read, kept on the backend. */
export class DeviceState {
  readonly #tensors: Record<string, Tensor> = {};

  constructor(host: HostState, keys: Iterable<string>) {
    for (const key of keys) {
      const slot = host.slots.get(key);
      if (!slot) throw new SizeError(`the program reads the state '${key}', which it does not declare`);
      this.#tensors[key] ??= toDevice(slot, true);
    }
  }

  get tensors(): TensorMap {
    return this.#tensors;
  }

  /** Takes over new values and disposes the old ones. */
  replace(changed: TensorMap): void {
    for (const [key, tensor] of Object.entries(changed)) {
      this.#tensors[key]?.dispose();
      this.#tensors[key] = tensor;
    }
  }

  /** Copies values to the host: all of them, or the named ones. */
  async save(host: HostState, keys: readonly string[] = Object.keys(this.#tensors)): Promise<void> {
    for (const key of keys) host.slots.get(key)?.data.set(await this.#tensors[key].data());
  }

  /** Reads the named values of the host again; names that are not kept here are passed over. */
  load(host: HostState, keys: readonly string[]): void {
    for (const key of keys) {
      const slot = host.slots.get(key);
      if (slot && this.#tensors[key]) this.replace({ [key]: toDevice(slot, true) });
    }
  }

  dispose(): void {
    disposeAll(this.#tensors);
    for (const key of Object.keys(this.#tensors)) delete this.#tensors[key];
  }
}

/**
 * Random inputs of a graph, uniform in [0, 1). A port whose first dimension counts the images of the batch is drawn image by image, keyed by its id,
 * so that neither the split over workers nor the order changes it.
 */
export function drawInputs(
  ports: readonly GraphPort[],
  context: {
    readonly seed: number;
    readonly step: number;
    readonly ids: readonly string[];
    readonly dims: Dimensions;
    readonly batchDim: string;
  },
): HostTensors {
  const result: Record<string, HostTensor> = {};
  for (const port of portsOf(ports, 'draw')) {
    const shape = port.shape.map((size) => evaluateSize(size, context.dims));
    const data = new Float32Array(sizeOf(shape));
    const images = port.shape[0] === context.batchDim ? context.ids : [''];
    const each = data.length / images.length;
    images.forEach((image, i) => {
      data.set(draws({ seed: context.seed, step: context.step, image, name: `draw:${port.name}` }).uniforms(each), i * each);
    });
    result[port.name] = { shape, data };
  }
  return result;
}

/** Zeros for an input that nothing feeds (an optimiser's gradient of a parameter that no loss reaches in this phase). */
export function zeros(port: GraphPort, dims: Dimensions): Tensor {
  const shape = port.shape.map((size) => evaluateSize(size, dims));
  return engine().makeTensor(new Float32Array(sizeOf(shape)), shape, tfjsDType(port.dtype));
}
