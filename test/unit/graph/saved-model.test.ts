/** The bytes of SavedModels, read back by TensorFlow's messages and held against TensorFlow's definitions; nothing here needs TensorFlow. */
import { describe, expect, it } from 'vitest';
import { encodeSavedModel } from '../../../compiler/emit/graph/protocol.ts';
import type { MethodProgram } from '../../../compiler/ir/program.ts';
import { constantOf } from '../../../compiler/shape/dim.ts';
import { decodeSavedModel, shapeOf } from './decode.ts';
import { caseProgram, decoded, inputNodes, methodProgram, savedModelBytes, trainingCase } from './programs.ts';
import { problemsOf } from './validate.ts';

const programs: Readonly<Record<string, () => MethodProgram>> = {
  'sipe/head_e2e, all results': () => caseProgram('sipe', 'head_e2e', 'all results').program,
  'sipe/head_e2e, loss and gradients alone': () => caseProgram('sipe', 'head_e2e', 'loss and gradients alone').program,
  'irn/cam_train_step': () => caseProgram('irn', 'cam_train_step', 'all results').program,
  'sipe/train_3_steps': () => trainingCase('sipe', 'train_3_steps', 'loss and gradients alone').program,
  sipe_small: () => methodProgram('specs/methods/sipe.wsss', 'sipe_small'),
  sipe: () => methodProgram('specs/methods/sipe.wsss', 'sipe'),
};

describe.each(Object.keys(programs))('%s', (name) => {
  const program = programs[name]();

  it('is a graph that TensorFlow takes', () => {
    const model = decoded(program);
    expect(model.tags).toEqual(['serve']);
    expect(model.nodes.length).toBeGreaterThan(100);
    expect(problemsOf(model)).toEqual([]);
  });

  it('knows of every fed tensor what the program knows, and no more', () => {
    const { signatures } = decoded(program);
    let unknown = 0;
    for (const [name, signature] of Object.entries(signatures)) {
      const own = program.graphs[name.replace(/^step/, 'gradients')];
      const graphs = (name.startsWith('step') ? [own, program.graphs.update] : own ? [own] : []).flatMap(inputNodes);
      for (const [key, info] of Object.entries(signature.inputs)) {
        const node = graphs.find(({ attrs }) => key === `${String(attrs.role)}:${String(attrs.name)}`);
        if (!node) {
          expect(key).toMatch(/^(size|state):/);
          continue;
        }
        expect(shapeOf(info.tensorShape), key).toEqual(node.type.shape.map((d) => constantOf(d) ?? -1));
        if (key.startsWith('batch:')) unknown += shapeOf(info.tensorShape).filter((size) => size === -1).length;
      }
    }
    // The batch, height and width at least.
    expect(unknown).toBeGreaterThanOrEqual(3);
  });

  it('is the same to the byte when it is made again', () => {
    expect(Buffer.compare(savedModelBytes(programs[name]()), savedModelBytes(program))).toBe(0);
  });
});

describe('a training program', () => {
  const program = methodProgram('specs/methods/sipe.wsss', 'sipe_small');
  const model = decoded(program);

  it('exchanges all its state, and nothing else, through assign and read', () => {
    const keys = program.state.map(({ key }) => `state:${key}`).sort();
    expect(Object.keys(model.signatures.assign.inputs).sort()).toEqual(keys);
    expect(Object.keys(model.signatures.read.outputs).sort()).toEqual(keys);
    expect(Object.keys(model.signatures.read.inputs)).toEqual([]);
    for (const { inputs } of [model.signatures.step, model.signatures.gradients])
      expect(Object.keys(inputs).filter((key) => key.startsWith('state:'))).toEqual([]);
  });

  it('gives the losses of a step and the gradients of all that is trained', () => {
    const { step, gradients } = model.signatures;
    const losses = program.train?.losses.map(({ name }) => `loss:${name}`) ?? [];
    expect(losses.length).toBeGreaterThan(1);
    expect(Object.keys(step.outputs)).toEqual(expect.arrayContaining([...losses, 'loss:total', 'output:grad_norm']));
    expect(Object.keys(step.outputs).filter((key) => key.startsWith('gradient:'))).toEqual([]);
    const trained = program.graphs.update.nodes.flatMap(({ op, attrs }) =>
      op === 'input' && attrs.role === 'gradient' ? [`gradient:${String(attrs.name)}`] : [],
    );
    expect(Object.keys(gradients.outputs)).toEqual(expect.arrayContaining(trained));
    expect(Object.keys(gradients.inputs).filter((key) => key.startsWith('scalar:'))).toEqual([]);
  });

  it('writes every changed tensor of the state once, after the old value has been read, before a step returns', () => {
    const changed = new Set(
      [...program.graphs.gradients.outputs, ...program.graphs.update.outputs].flatMap(({ role, name }) => (role === 'state' ? [name] : [])),
    );
    const nodes = new Map(model.nodes.map((node) => [node.name, node] as const));
    const writes = model.nodes.filter(({ op, name }) => op === 'AssignVariableOp' && name.startsWith('step/'));
    const written = writes.map(({ input }) => nodes.get(input[0])?.attr.shared_name.s ?? '');
    expect([...written].sort()).toEqual([...changed].sort());
    for (const { input } of writes) {
      const [read] = input.filter((name) => name.startsWith('^')).map((name) => nodes.get(name.slice(1)));
      expect(read?.op).toBe('ReadVariableOp');
      expect(read?.input[0]).toBe(input[0]);
    }
    // One node reads a variable, so that a value is the old one wherever it is used.
    const reads = model.nodes.filter(({ op }) => op === 'ReadVariableOp').map(({ input }) => input[0]);
    expect(new Set(reads).size).toBe(reads.length);
    for (const { name } of Object.values(model.signatures.step.outputs)) {
      const [barrier] = (nodes.get(name.replace(/:0$/, ''))?.input ?? []).filter((of) => of.startsWith('^'));
      expect([...(nodes.get(barrier.slice(1))?.input ?? [])].sort()).toEqual(writes.map((write) => `^${write.name}`).sort());
    }
  });

  it('names nodes by the call path of the spec', () => {
    const names = model.nodes.map(({ name }) => name);
    const convolution = program.graphs.gradients.nodes.find(({ op, phase }) => op === 'conv2d_filter_grad' && phase === 'backward');
    expect(convolution?.path).toMatch(/\./);
    const scope = `step/backward/${convolution?.path.replaceAll('.', '/')}/`;
    expect(names.some((name) => name.startsWith(scope))).toBe(true);
  });
});

describe('the encoder', () => {
  it('refuses what the messages do not hold', () => {
    const node = { name: 'a', op: 'Const', input: [], attr: { value: { i: Number.NaN } } };
    const metaGraphs = [{ metaInfoDef: { tags: ['serve'] }, graphDef: { node: [node], versions: { producer: 1 } }, signatureDef: {} }];
    expect(() => encodeSavedModel({ savedModelSchemaVersion: 1, metaGraphs })).toThrow('not a SavedModel');
  });

  it('keeps numbers that JSON has no form for', () => {
    const values = [Number.POSITIVE_INFINITY, -0, Number.NaN, 1e-45];
    const tensor = { dtype: 1, tensorShape: { dim: [{ size: 4 }] }, floatVal: values };
    const node = { name: 'a', op: 'Const', input: [], attr: { value: { tensor }, dtype: { type: 1 } } };
    const metaGraphs = [{ metaInfoDef: { tags: ['serve'] }, graphDef: { node: [node], versions: { producer: 1 } }, signatureDef: {} }];
    const [read] = decodeSavedModel(encodeSavedModel({ savedModelSchemaVersion: 1, metaGraphs })).nodes;
    expect(read.attr.value.tensor?.floatVal?.map((v) => (Object.is(v, -0) ? '-0' : v))).toEqual([
      Number.POSITIVE_INFINITY,
      '-0',
      Number.NaN,
      Math.fround(1e-45),
    ]);
  });
});
