/** Programs of whole methods: the state comes back entry by entry, and a network of fifty layers can be read. */
import { ts } from 'ts-morph';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkFile } from '../../../compiler/check/check.ts';
import { diskHost } from '../../../compiler/cli/host.ts';
import { compileMethod } from '../../../compiler/compile.ts';
import { Diagnostics } from '../../../compiler/diagnostics/diagnostics.ts';
import { type EmittedProgram, emitProgram } from '../../../compiler/emit/eager/emit.ts';
import type { MethodProgram } from '../../../compiler/ir/program.ts';
import { type Dim, evaluate, variablesOf } from '../../../compiler/shape/dim.ts';
import { loadProgram } from '../../../runtime/host/load.ts';
import { evaluateSize } from '../../../runtime/sizes.ts';
import { fileOf, INFO } from './running.ts';
import { strictProject } from './strict.ts';

function compiled(file: string, name: string): MethodProgram {
  const checked = checkFile(diskHost, file, new Diagnostics(), { only: [name] })?.methods.get(name);
  const result = checked && compileMethod(checked);
  if (!result?.ok) throw new Error(`${file} does not compile`);
  return result.program;
}

/** With the most lines that their programs may have. */
const METHODS = [
  ['specs/methods/sipe.wsss', 'sipe', 1800],
  ['specs/methods/sipe.wsss', 'sipe_small', 1900],
  ['specs/methods/cam.wsss', 'cam', 1300],
  ['specs/examples/quickstart.wsss', 'quickstart', 1500],
] as const;

describe.each(METHODS)('%s, %s', (file, name, lines) => {
  let method: MethodProgram;
  let emitted: EmittedProgram;
  beforeAll(async () => {
    method = compiled(file, name);
    emitted = await emitProgram(method, INFO);
  });

  test('the state is what the compiler declared, in its order', async () => {
    const { meta } = await loadProgram({ text: fileOf(emitted, '.js'), name: `${name}.js` });
    const dims = { K: 7 };
    const sizes = (dim: Dim): number => evaluate(dim, dims);
    expect(method.state.length).toBeGreaterThan(30);
    expect(method.state.flatMap(({ type }) => type.shape.flatMap(variablesOf)).every((variable) => variable in dims)).toBe(true);
    expect(meta.state.map((entry) => ({ ...entry, shape: entry.shape.map((size) => evaluateSize(size, dims)) }))).toEqual(
      method.state.map(({ key, role, type, init, backbone }) => ({ key, role, shape: type.shape.map(sizes), init, backbone })),
    );
  });

  test('every graph names what it reads and gives', async () => {
    const { meta } = await loadProgram({ text: fileOf(emitted, '.js'), name: `${name}.js` });
    for (const [graph, { outputs, nodes }] of Object.entries(method.graphs)) {
      const sorted = (names: readonly string[]): readonly string[] => [...new Set(names)].sort();
      const read = nodes.filter(
        (node) => node.op === 'input' && (nodes.some(({ inputs }) => inputs.includes(node)) || outputs.some((o) => o.node === node)),
      );
      expect(sorted(meta.graphs[graph].inputs.map((port) => `${port.role} ${port.name}`))).toEqual(
        sorted(read.map((node) => `${String(node.attrs.role)} ${String(node.attrs.name)}`)),
      );
      expect(sorted(meta.graphs[graph].outputs.map((port) => `${port.role} ${port.name}`))).toEqual(
        sorted(outputs.map((output) => `${output.role} ${output.name}`)),
      );
    }
  });

  test('it is written twice alike, and no longer than a person reads', async () => {
    expect(await emitProgram(compiled(file, name), INFO)).toEqual(emitted);
    expect(fileOf(emitted, '.ts').split('\n').length).toBeLessThanOrEqual(lines);
  });
});

test('all of them type-check under strict', async () => {
  const project = strictProject();
  for (const [file, name] of METHODS) {
    const text = fileOf(await emitProgram(compiled(file, name), INFO), '.ts');
    const source = project.createSourceFile(new URL(`./generated-${name}.ts`, import.meta.url).pathname, text);
    const problems = project.getProgram().getSemanticDiagnostics(source);
    expect(
      problems.map((d) => `${name}:${d.getLineNumber()} ${ts.flattenDiagnosticMessageText(d.compilerObject.messageText, ' ')}`),
    ).toEqual([]);
  }
});
