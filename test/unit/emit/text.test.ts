/** The text of emitted programs: deterministic, type-correct, formatted, harmless whatever a spec is called, and traceable to spec lines. */
import { IndentationText, Project, QuoteKind, ts } from 'ts-morph';
import { beforeAll, describe, expect, test } from 'vitest';
import { emitProgram } from '../../../compiler/emit/eager/emit.ts';
import { commentText, identifier, property, stringLiteral, templateText } from '../../../compiler/emit/eager/escape.ts';
import { hashProgram } from '../../../compiler/ir/identity.ts';
import type { MethodProgram } from '../../../compiler/ir/program.ts';
import { Builder } from '../../../compiler/ops/builder.ts';
import { constant } from '../../../compiler/shape/dim.ts';
import { sourceFile } from '../../../compiler/source/source.ts';
import { randomGraph } from './random-graph.ts';
import { residualProgram } from './residual.ts';
import { bareProgram, emit, fileOf, INFO, load } from './running.ts';
import { strictProject } from './strict.ts';

const HOSTILE = [
  '"; process.exit(1)//',
  "'; process.exit(1)//",
  '*/ process.exit(1) /*',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: that it stays text is the test
  '`${process.exit(1)}`',
  '\n process.exit(1) \r\n',
  '\u2028process.exit(1)\u2029',
  '\\',
  '\\" + process.exit(1) + "',
  '\u202Etixe\u202C',
  '变量 é ½ 🙂',
  '\ud800',
  '__proto__',
  'constructor',
  'import',
  'state',
  's',
  'ops',
  'scope',
  '',
  '@ts-nocheck',
  '0',
  '</script>',
] as const;

/** A program in which every name that a spec can choose is this text. */
function named(text: string): MethodProgram {
  const b = new Builder({ same: (left, right) => left === right });
  const range = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  const type = { dtype: 'f32', shape: [constant(2)] } as const;
  const file = sourceFile(text, 'a\nb\nc');
  const span = { file, start: 2, end: 3 };
  const weight = b.input('state', `${text}.weight`, type, { kind: 'tensor', range });
  const image = b.input('batch', text, type, { kind: 'tensor', range });
  const graphs = b.with({ path: `net.${text}`, span }, () => {
    let x = b.add('mul', [image, weight], {}, { name: text });
    for (let i = 0; i < 4; i++) x = b.add('tanh', [x], {}, { name: text });
    return x;
  });
  const nodes = b.nodes;
  const graph = {
    name: text,
    nodes,
    outputs: [{ role: 'output', name: text, node: graphs }],
    assertions: [{ left: constant(2), right: constant(2), relation: '==', reason: text, span }],
  } as const;
  return {
    ...bareProgram(text, { [`infer.${text}`]: graph }),
    state: [
      {
        key: `${text}.weight`,
        role: 'parameter',
        type,
        init: { kind: 'constant', value: 0 },
        backbone: false,
        parameterRole: undefined,
        span,
      },
    ],
    batchDim: text,
    classDim: text,
    supervision: [text],
    infer: {
      [text]: {
        name: text,
        graph: `infer.${text}`,
        inputs: [{ input: text, part: 'image', steps: [{ op: text, args: { [text]: text } }] }],
        photo: { height: text, width: text },
        readsTags: false,
        returns: [{ name: 'result', kind: 'cam', background: false }],
        span,
      },
    },
  };
}

const programs: readonly MethodProgram[] = [
  residualProgram({ name: 'shallow', stages: [1], width: 2, classes: 2 }),
  residualProgram({ name: 'deep', stages: [2, 3, 1], width: 4, classes: 5 }),
  ...[1, 2, 3, 4].map((seed) => bareProgram(`random_${seed}`, { gradients: randomGraph(seed).graph })),
  ...HOSTILE.map((text) => named(text)),
];

describe('type-correct under strict, in one project', () => {
  const project = strictProject();
  beforeAll(async () => {
    for (const [i, program] of programs.entries())
      project.createSourceFile(new URL(`./generated-${i}.ts`, import.meta.url).pathname, fileOf(await emit(program), '.ts'));
  });
  test('no diagnostics', () => {
    const own = project.getSourceFiles().filter((file) => file.getBaseName().startsWith('generated-'));
    expect(own).toHaveLength(programs.length);
    const problems = own.flatMap((file) =>
      project.getProgram().getSemanticDiagnostics(file).concat(project.getProgram().getSyntacticDiagnostics(file)),
    );
    expect(
      problems.map(
        (d) =>
          `${d.getSourceFile()?.getBaseName()}:${d.getLineNumber()} ${ts.flattenDiagnosticMessageText(d.compilerObject.messageText, ' ')}`,
      ),
    ).toEqual([]);
  });
  test('a wrong type would be found', () => {
    const [first] = project.getSourceFiles().filter((file) => file.getBaseName().startsWith('generated-0'));
    const wrong = project.createSourceFile(
      new URL('./generated-wrong.ts', import.meta.url).pathname,
      first.getFullText().replace('ops.relu(', 'ops.relu(1, '),
    );
    expect(project.getProgram().getSemanticDiagnostics(wrong).length).toBeGreaterThan(0);
    project.removeSourceFile(wrong);
  });
});

test('two emissions are the same to the byte', async () => {
  const options = { stages: [2, 2], width: 4, classes: 3 };
  const [a, b] = [await emit(residualProgram(options)), await emit(residualProgram(options))];
  expect(a.files.map(({ path }) => path)).toEqual(['residual.ts', 'residual.js', 'residual.map.json']);
  expect(b).toEqual(a);
});

test('formatting an emitted program changes nothing, and lines stay within reach of the eye', async () => {
  const project = new Project({
    useInMemoryFileSystem: true,
    manipulationSettings: { indentationText: IndentationText.TwoSpaces, quoteKind: QuoteKind.Single },
  });
  for (const program of programs) {
    const text = fileOf(await emit(program), '.ts');
    const file = project.createSourceFile('program.ts', text, { overwrite: true });
    file.formatText({ indentSize: 2, ensureNewLineAtEndOfFile: true });
    expect(file.getFullText()).toBe(text);
    const long = text.split('\n').filter((line) => line.length > 200 && !line.startsWith('  { key:'));
    expect(long).toEqual([]);
  }
});

test('the header names spec, hash and compiler, and nothing else', async () => {
  const program = residualProgram({ stages: [1], width: 2, classes: 2 });
  const { files } = await emitProgram(program, INFO);
  expect(files[0].text.split('\n').slice(0, 3)).toEqual([
    '// residual, generated from spec.wsss by wsss 0.1.0. Do not edit.',
    `// Content hash of the program: ${hashProgram(program)}`,
    expect.stringMatching(/^import /),
  ]);
});

test('the map leads from generated lines, of TypeScript and JavaScript, to the spec', async () => {
  const emitted = await emit(residualProgram({ stages: [1], width: 2, classes: 2, spec: 'net.wsss' }));
  const map: Record<string, Record<string, { file: string; line: number; path: string }>> = JSON.parse(fileOf(emitted, '.map.json'));
  for (const ending of ['.ts', '.js'] as const) {
    const lines = fileOf(emitted, ending).split('\n');
    const at = lines.findIndex((line) => /const maps = ops\.conv2d\(/.test(line));
    expect(map[`residual${ending}`][String(at + 1)]).toEqual({ file: 'net.wsss', line: 30, path: 'head' });
    for (const line of Object.keys(map[`residual${ending}`])) expect(lines[Number(line) - 1].trim(), `line ${line}`).not.toBe('');
  }
});

describe('hostile names', () => {
  test.each(HOSTILE.map((text) => [JSON.stringify(text), text] as const))('%s is only ever data', async (_, text) => {
    const exit = process.exit;
    let exited = false;
    process.exit = () => {
      exited = true;
      throw new Error('exited');
    };
    try {
      const program = await load(named(text));
      expect(program.meta.name).toBe(text);
      expect(program.meta.state[0].key).toBe(`${text}.weight`);
      expect(program.meta.supervision).toEqual([text]);
      expect(Object.keys(program.graphs)).toEqual([`infer.${text}`]);
    } finally {
      process.exit = exit;
    }
    expect(exited).toBe(false);
    const emitted = await emit(named(text));
    for (const { path } of emitted.files) expect(path).toMatch(/^[A-Za-z0-9_~][A-Za-z0-9_~=,.-]*\.(ts|js|map\.json)$/);
    // Nothing invisible, nothing that turns the direction of the text.
    for (const ending of ['.ts', '.js'] as const)
      expect(fileOf(emitted, ending)).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff]/);
  });

  test('what is written means what was meant', () => {
    for (const text of HOSTILE) {
      const read = (code: string): unknown => new Function(`return ${code}`)();
      expect(read(stringLiteral(text))).toBe(text);
      expect(read(`\`${templateText(text)}\``)).toBe(text);
      expect(Object.keys(Object(read(`({ ${property(text)}: 1 })`)))).toEqual([text]);
      expect(identifier(text)).toMatch(/^[A-Za-z_][A-Za-z0-9_]*$/);
      expect(read(`/* ${commentText(text)} */ 7`)).toBe(7);
      expect(commentText(text)).not.toMatch(/[\n\r\u2028\u2029]|\*\/|@/);
    }
  });
});
