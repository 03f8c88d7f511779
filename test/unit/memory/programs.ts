/** Methods of spec files compiled as the command line does, loaded, and given arguments of any size. */
import { engine } from '@tensorflow/tfjs-core';
import { checkFile } from '../../../compiler/check/check.ts';
import { diskHost } from '../../../compiler/cli/host.ts';
import { compileMethod } from '../../../compiler/compile.ts';
import { Diagnostics } from '../../../compiler/diagnostics/diagnostics.ts';
import { renderAll } from '../../../compiler/diagnostics/render.ts';
import { emitProgram } from '../../../compiler/emit/eager/emit.ts';
import type { MethodProgram } from '../../../compiler/ir/program.ts';
import { loadProgram } from '../../../runtime/host/load.ts';
import { sizeOf, type Tensor } from '../../../runtime/ops/tensor.ts';
import type { Dimensions, GraphArguments, GraphPort, GraphResult, Program } from '../../../runtime/program.ts';
import { draws } from '../../../runtime/random/counter.ts';
import { evaluateSize } from '../../../runtime/sizes.ts';
import { initialValues } from '../../../runtime/train/initialize.ts';

export interface LoadedMethod {
  readonly compiled: MethodProgram;
  readonly program: Program;
}

/** The methods and variants `names` of a spec file. */
export async function loadMethods(file: string, names: readonly string[]): Promise<readonly LoadedMethod[]> {
  const diagnostics = new Diagnostics();
  const checked = checkFile(diskHost, file, diagnostics, { only: names });
  if (!checked || diagnostics.hasErrors) throw new Error(renderAll(diagnostics.all));
  const loaded: LoadedMethod[] = [];
  for (const name of names) {
    // A method's stages bring methods of their own.
    const method = checked.methods.get(name);
    if (!method) throw new Error(`${file} has no method ${name}`);
    const compiled = compileMethod(method);
    if (!compiled.ok) throw new Error(`${file}: ${method.name} cannot be differentiated`);
    const { files } = await emitProgram(compiled.program, { specName: file, compilerVersion: 'test' });
    const script = files.find(({ path }) => path.endsWith('.js'));
    if (!script) throw new Error(`${file}: no script was written`);
    loaded.push({ compiled: compiled.program, program: await loadProgram({ text: script.text, name: script.path }) });
  }
  return loaded;
}

/**
 * Arguments for one graph on the current backend: state as a training starts with it, images in [-1, 1], tags and regions of zeros and ones,
 * labels among the classes.
 */
export function argumentsFor({ program }: LoadedMethod, graph: string, dims: Dimensions, seed = 1): GraphArguments {
  const maps: Record<'state' | 'batch' | 'draws' | 'scalars' | 'gradients', Record<string, Tensor>> = {
    state: {},
    batch: {},
    draws: {},
    scalars: {},
    gradients: {},
  };
  const declared = new Map(program.meta.state.map((entry) => [entry.key, entry]));
  for (const port of program.meta.graphs[graph].inputs) {
    const shape = port.shape.map((size) => evaluateSize(size, dims));
    const values = new Float32Array(sizeOf(shape));
    const entry = port.role === 'state' ? declared.get(port.name) : undefined;
    if (entry) initialValues(entry.init, port.name, shape, seed, values);
    else values.set(drawn(port, values.length, seed, dims));
    const data = port.dtype === 'i32' ? Int32Array.from(values) : port.dtype === 'bool' ? Uint8Array.from(values) : values;
    const dtype = port.dtype === 'i32' ? 'int32' : port.dtype === 'bool' ? 'bool' : 'float32';
    const map = { state: 'state', batch: 'batch', draw: 'draws', scalar: 'scalars', gradient: 'gradients' } as const;
    if (port.role !== 'loss' && port.role !== 'output') maps[map[port.role]][port.name] = engine().makeTensor(data, shape, dtype);
  }
  return { ...maps, dims };
}

function drawn(port: GraphPort, count: number, seed: number, dims: Dimensions): Float32Array {
  const uniforms = draws({ seed, step: 0, image: '', name: port.name }).uniforms(count);
  if (port.role === 'draw') return Float32Array.from(uniforms);
  if (port.role === 'scalar') return new Float32Array(count).fill(port.name === 'step' ? 1 : 0.01);
  if (port.role === 'gradient') return uniforms.map((u) => 0.02 * u - 0.01);
  if (port.dtype === 'i32') return uniforms.map((u) => Math.floor(u * (dims.K + 1)));
  if (port.dtype === 'bool') return uniforms.map((u) => Math.round(u));
  // Images have three channels; everything else that is given by number is zero or one.
  return port.shape[port.shape.length - 1] === 3 ? uniforms.map((u) => 2 * u - 1) : uniforms.map((u, i) => (i === 0 || u > 0.7 ? 1 : 0));
}

/** Every tensor in arguments or results is disposed. */
export function disposeTensors(held: GraphArguments | GraphResult): void {
  for (const [name, map] of Object.entries(held)) {
    if (name !== 'dims') for (const tensor of Object.values<Tensor>(map)) tensor.dispose();
  }
}
