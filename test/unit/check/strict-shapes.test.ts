/** Sizes that cannot be proved: a warning and a check when the program runs, or with strict shapes an error; the facts that are offered prove them. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setBackend } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { describe, expect, test } from 'vitest';
import { type CheckedFile, checkFile } from '../../../compiler/check/check.ts';
import { compileMethod } from '../../../compiler/compile.ts';
import { type Diagnostic, Diagnostics, type Fix } from '../../../compiler/diagnostics/diagnostics.ts';
import { load } from '../emit/running.ts';
import { argumentsFor, disposeTensors } from '../memory/programs.ts';

const specs = fileURLToPath(new URL('../../../specs/', import.meta.url));

const method = (body: string, inputs = ''): string => `language 1
import "std/layers"
import "datasets/voc"
method sizes {
  supervision tags
  input image: Image[N, H, W, 3]
  input tags: Tags[N, K]
  ${inputs}
  layer score = conv(1, kernel: 1)
  ${body}
  loss a = mean(score(y)) as loss
  train {
    data voc.train { image = source |> normalize(imagenet) |> crop(32, pad: zero) }
    epochs 1, batch 2, optimizer sgd(lr: 0.1)
  }
}
`;

const UP = 'size: [8 * (H div 8), 8 * (W div 8)], mode: bilinear, convention: half_pixel';

const CASES = [
  { name: 'a size rounded down', text: method(`let y = image + resize(image, ${UP})`), facts: ['H divisible by 8', 'W divisible by 8'] },
  {
    name: 'two roundings',
    text: method(
      'let y = resize(image, size: [4 * (H div 4), W], mode: bilinear, convention: half_pixel) + resize(image, size: [6 * (H div 6), W], mode: bilinear, convention: half_pixel)',
    ),
    facts: ['H divisible by 12'],
  },
  {
    name: 'two names',
    text: method('let y = image + resize(image, size: [W, W], mode: bilinear, convention: half_pixel)'),
    facts: ['H == W'],
  },
];

function check(text: string, strictShapes: boolean): { readonly checked: CheckedFile; readonly found: readonly Diagnostic[] } {
  const diagnostics = new Diagnostics();
  const read = (name: string): string => (name === 'sizes.wsss' ? text : readFileSync(specs + name, 'utf8'));
  const checked = checkFile({ read }, 'sizes.wsss', diagnostics, { strictShapes });
  if (!checked) throw new Error('not read');
  return { checked, found: diagnostics.all.filter((d) => d.code === 'shape-unproved' || d.severity === 'error') };
}

function applied(text: string, fix: Fix): string {
  return [...fix.edits]
    .sort((a, b) => b.span.start - a.span.start)
    .reduce((now, { span, text: put }) => now.slice(0, span.start) + put + now.slice(span.end), text);
}

describe.each(CASES)('$name', ({ text, facts }) => {
  test('is a warning that offers what would prove it', () => {
    const { found } = check(text, false);
    expect(found.map((d) => [d.code, d.severity])).toEqual([['shape-unproved', 'warning']]);
    expect(found[0].hint).toContain(`${facts.map((fact) => `require ${fact}`).join(' and ')} would prove it`);
  });

  test('is an error under strict shapes', () => {
    const { found } = check(text, true);
    expect(found.map((d) => [d.code, d.severity])).toEqual([['shape-must-be-proved', 'error']]);
  });

  test('is proved by the offered facts', () => {
    const fix = check(text, true).found[0].fix;
    expect(fix?.title).toBe(`state ${facts.join(' and ')}`);
    const { checked, found } = check(applied(text, fix!), true);
    expect(found).toEqual([]);
    // What is stated is asked for when the program starts, and nothing else is.
    expect(checked.methods.get('sizes')?.forward.graph.assertions.map((a) => a.reason)).toEqual(facts.map(() => 'required'));
  });
});

describe.each([
  { name: 'a position from the start', line: 'let y = image[channel: 0..1] * image[h: 40..41]', facts: ['H >= 41'] },
  { name: 'a single position', line: 'let y = rearrange(image[h: 99], "n w c -> n 1 w c")', facts: ['H >= 100'] },
  { name: 'a position from the end', line: 'let y = rearrange(image[w: -70], "n h c -> n h 1 c")', facts: ['W >= 70'] },
  { name: 'an end', line: 'let y = image[h: 0..9]', facts: ['H >= 9'] },
  { name: 'a slice between two positions', line: 'let y = image[h: 5..-5]', facts: ['H >= 11'] },
])('$name of an axis', ({ line, facts }) => {
  const among = (strict: boolean, text = method(line)) => {
    const diagnostics = new Diagnostics();
    const read = (name: string): string => (name === 'sizes.wsss' ? text : readFileSync(specs + name, 'utf8'));
    checkFile({ read }, 'sizes.wsss', diagnostics, { strictShapes: strict });
    return diagnostics.all.filter((d) => d.code.startsWith('size-') || d.severity === 'error');
  };

  test('is a warning with the fact, an error under strict shapes, and proved by the fact', () => {
    const [first] = among(false);
    expect([first.code, first.severity]).toEqual(['size-unproved', 'warning']);
    for (let text = method(line), step = 0; ; step++) {
      const [found] = among(true, text);
      if (!found) {
        for (const fact of facts) expect(text).toContain(`require ${fact}`);
        break;
      }
      expect([found.code, found.severity]).toEqual(['size-must-be-proved', 'error']);
      expect(step).toBeLessThan(4);
      text = applied(text, found.fix!);
    }
  });
});

test('a fact of training proves nothing about inference', () => {
  const text = method(`let y = image + resize(image, ${UP})`).replace(
    /data voc[\s\S]*/,
    (rest) => `require H divisible by 8
    require W divisible by 8
    ${rest.replace(
      /\}\s*$/,
      `  infer maps(photo: Image[1, H, W, 3]) -> Cam[1, H, W, 1] {
    let x = photo |> normalize(imagenet)
    return relu(score(x + resize(x, ${UP}))) as cam
  }
}
`,
    )}`,
  );
  const { found } = check(text, true);
  expect(found.map((d) => d.code)).toEqual(['shape-must-be-proved']);
  const { checked } = check(applied(text, found[0].fix!), true);
  expect(check(applied(text, found[0].fix!), true).found).toEqual([]);
  expect(checked.methods.get('sizes')?.infer[0].graph.assertions).toHaveLength(2);
});

test('what is not proved is checked when the program runs, and told with its line', async () => {
  const text = CASES[0].text;
  const { checked } = check(text, false);
  const found = compileMethod(checked.methods.get('sizes')!);
  if (!found.ok) throw new Error('not differentiable');
  await setBackend('cpu');
  const program = await load(found.program);
  const line = text.slice(0, text.indexOf('let y')).split('\n').length;
  const run = (H: number, W: number): string => {
    const args = argumentsFor({ compiled: found.program, program }, 'gradients', { N: 2, H, W, K: 3 });
    try {
      disposeTensors(program.graphs.gradients(args));
      return 'ran';
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    } finally {
      disposeTensors(args);
    }
  };
  expect(run(16, 24)).toBe('ran');
  expect(run(16, 20)).toContain(`sizes.wsss:${line}:`);
  expect(run(17, 24)).toMatch(/H = 17 must be == /);
});
