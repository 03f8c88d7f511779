/** Programs whose graphs the tests look at: compare cases on their reference files, and methods as they are trained. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { checkFile } from '../../../compiler/check/check.ts';
import { diskHost } from '../../../compiler/cli/host.ts';
import { type CallProgram, callProgram, type Results } from '../../../compiler/compare/call-program.ts';
import { type OpenedCase, openCase, type ReferenceShapes } from '../../../compiler/compare/open-case.ts';
import { type TrainingProgram, trainingProgram } from '../../../compiler/compare/training-program.ts';
import { compileMethod } from '../../../compiler/compile.ts';
import { Diagnostics } from '../../../compiler/diagnostics/diagnostics.ts';
import { renderAll } from '../../../compiler/diagnostics/render.ts';
import { emitGraph } from '../../../compiler/emit/graph/emit.ts';
import type { MethodProgram } from '../../../compiler/ir/program.ts';
import type { Graph, Node } from '../../../compiler/ops/graph.ts';
import { parseReference, type Reference } from '../../../runtime/compare/reference.ts';
import { fixturePath } from '../../fixture.ts';
import { type DecodedModel, decodeSavedModel } from './decode.ts';

const parity = fileURLToPath(new URL('../../parity/', import.meta.url));
const project = fileURLToPath(new URL('../../../', import.meta.url));

interface Opened {
  readonly opened: OpenedCase;
  readonly reference: Reference;
  readonly shapes: ReferenceShapes;
  readonly diagnostics: Diagnostics;
}

function openedCase(method: string, name: string): Opened {
  const path = fixturePath(method, name);
  const json = path.replace(/\.safetensors$/, '.json');
  const reference = parseReference(readFileSync(path), path, readFileSync(json, 'utf8'), json);
  const { sizes, hyperparameters } = reference.description;
  const shapes = { sizes, hyperparameters, shapes: new Map([...reference.tensors].map(([key, { shape }]) => [key, shape] as const)) };
  const diagnostics = new Diagnostics();
  const opened = openCase(diskHost, `${parity}${method}/${name}.wsss`, shapes, diagnostics);
  if (!opened || diagnostics.hasErrors) throw new Error(renderAll(diagnostics.all));
  return { opened, reference, shapes, diagnostics };
}

/** A case that calls a module. */
export function caseProgram(method: string, name: string, results: Results): CallProgram & { readonly reference: Reference } {
  const { opened, reference, diagnostics } = openedCase(method, name);
  const built = callProgram(opened, new Set(reference.tensors.keys()), results, diagnostics);
  if (!built) throw new Error(renderAll(diagnostics.all));
  return { ...built, reference };
}

/** A case that takes training steps. */
export function trainingCase(method: string, name: string, results: Results): TrainingProgram & { readonly reference: Reference } {
  const { opened, reference, shapes, diagnostics } = openedCase(method, name);
  const { training } = opened.checked;
  const built = training && trainingProgram(opened, training, shapes, results, diagnostics);
  if (!built) throw new Error(renderAll(diagnostics.all));
  return { ...built, reference };
}

/** A method or variant of a file of the project, compiled. */
export function methodProgram(file: string, name: string): MethodProgram {
  const diagnostics = new Diagnostics();
  const checked = checkFile(diskHost, `${project}${file}`, diagnostics, { only: [name] })?.methods.get(name);
  if (!checked || diagnostics.hasErrors) throw new Error(renderAll(diagnostics.all));
  const compiled = compileMethod(checked);
  if (!compiled.ok) throw new Error(`${name} cannot be differentiated`);
  return compiled.program;
}

/** A program of these graphs alone. */
export function bareProgram(name: string, graphs: Readonly<Record<string, Graph>>): MethodProgram {
  return { name, state: [], graphs, batchDim: 'N', classDim: 'K', train: undefined, infer: {}, supervision: [] };
}

export function savedModelBytes(program: MethodProgram): Uint8Array {
  const file = emitGraph(program).files.find(({ path }) => path.endsWith('/saved_model.pb'));
  if (!file) throw new Error('no saved_model.pb');
  return file.bytes;
}

export function decoded(program: MethodProgram): DecodedModel {
  return decodeSavedModel(savedModelBytes(program));
}

export function inputNodes(graph: Graph): readonly Node[] {
  return graph.nodes.filter((node) => node.op === 'input');
}
