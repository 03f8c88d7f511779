/** `wsss compare` on references that are right, wrong, incomplete and broken. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Changeable, compare, compareJson, type Description, Workplace } from './reference-files.ts';

let place: Workplace;
beforeEach(() => {
  place = new Workplace();
});
afterEach(() => place.close());

/** A call with inputs alone, and one with parameters and gradients that are zero by design. */
const SMALL = ['sipe', 'prototype_is_cam'] as const;
const HEAD = ['sipe', 'head_e2e'] as const;

const tensor = (tensors: Map<string, Changeable>, key: string): Changeable => {
  const found = tensors.get(key);
  if (!found) throw new Error(`the reference has no ${key}`);
  return found;
};

/** A change that no tolerance of the references allows. */
function tamper({ data }: Changeable): void {
  const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  data[data.length - 1] += 0.1 * largest + 0.1;
}

describe('a sound reference', () => {
  test('passes with a row for each key and build', async () => {
    const ran = await compare(place.case(...HEAD), place.reference(...HEAD));
    expect(ran.error).toBe('');
    expect(ran.code).toBe(0);
    expect(ran.out).toContain('all results:');
    expect(ran.out).toContain('loss and gradients alone:');
    expect(ran.out).toMatch(/\n {2}grad\.feat1 +\[[\d, ]+\] +0 +0 +zero +pass/);
    expect(ran.out).toMatch(/\nPASS: head_e2e: (\d+) of \1 rows pass$/);
  });

  test('as JSON: every out and grad of the file, compared in both builds, and nothing held', async () => {
    const keys: string[] = [];
    const path = place.reference(...HEAD, (tensors) => keys.push(...tensors.keys()));
    const { code, json } = await compareJson(place.case(...HEAD), path);
    expect(code).toBe(0);
    expect(json).toMatchObject({ passed: true, backend: 'cpu', unconsumed: [] });
    const [all, alone] = json.built;
    expect(all.rows.map(({ key }) => key).sort()).toEqual(keys.filter((key) => /^(out|grad)\./.test(key)).sort());
    expect(alone.rows.map(({ key }) => key).sort()).toEqual(keys.filter((key) => /^grad\.|^out\.loss$/.test(key)).sort());
    expect([all.heldBytes, alone.heldBytes]).toEqual([0, 0]);
  });

  test('on wasm, too', async () => {
    const { code, json } = await compareJson(place.case(...SMALL), place.reference(...SMALL), 'wasm');
    expect([code, json.backend]).toEqual([0, 'wasm']);
  });
});

describe('a value that is wrong', () => {
  test.each(['out.is_cam', 'out.loss', 'grad.feature'])('%s', async (key) => {
    const { code, failing } = await compareJson(
      place.case(...SMALL),
      place.reference(...SMALL, (tensors) => tamper(tensor(tensors, key))),
    );
    expect(code).toBe(1);
    expect(failing).toEqual([key]);
  });

  test('is shown with how far it is off', async () => {
    const ran = await compare(
      place.case(...SMALL),
      place.reference(...SMALL, (tensors) => tamper(tensor(tensors, 'out.is_cam'))),
    );
    expect(ran.code).toBe(1);
    expect(ran.out).toMatch(/out\.is_cam .* FAIL by \d/);
    expect(ran.out).toMatch(/FAIL: prototype_is_cam: \d+ of \d+ rows pass$/);
  });

  test('no number never passes', async () => {
    const path = place.reference(...SMALL, (tensors) => {
      tensor(tensors, 'out.is_cam').data[0] = Number.NaN;
    });
    const { code, failing } = await compareJson(place.case(...SMALL), path);
    expect([code, failing]).toEqual([1, ['out.is_cam']]);
  });

  test('an input that differs shows in what is computed from it', async () => {
    const { code, failing } = await compareJson(
      place.case(...SMALL),
      place.reference(...SMALL, (tensors) => tamper(tensor(tensors, 'in.feature'))),
    );
    expect(code).toBe(1);
    expect(failing).toContain('out.is_cam');
  });

  test('another size', async () => {
    const path = place.reference(...SMALL, (tensors, description) => {
      const probe = tensor(tensors, 'out.prototypes');
      probe.shape = [...probe.shape, 1];
      delete description.tensors;
    });
    const { code, json, failing } = await compareJson(place.case(...SMALL), path);
    expect([code, failing]).toEqual([1, ['out.prototypes']]);
    expect(json.built[0].rows.find(({ key }) => key === 'out.prototypes')?.note).toMatch(/the program's value has the shape \[/);
  });
});

describe('exact values and zero gradients', () => {
  const listed =
    (change: (description: Description) => void) =>
    (_: Map<string, Changeable>, description: Description): void =>
      change(description);

  test('exact allows no rounding', async () => {
    const path = place.reference(
      ...HEAD,
      listed((d) => void Object.assign(d.tolerance, { exact: ['out.is_cam'] })),
    );
    const { code, failing, json } = await compareJson(place.case(...HEAD), path);
    expect([code, failing]).toEqual([1, ['out.is_cam']]);
    expect(json.built[0].rows.find(({ key }) => key === 'out.is_cam')?.allowed).toBe('exact');
  });

  test('a gradient that is listed as zero and is not', async () => {
    const path = place.reference(
      ...HEAD,
      listed((d) => void d.zero_gradients?.push('grad.classifier')),
    );
    const { code, failing } = await compareJson(place.case(...HEAD), path);
    expect([code, failing]).toEqual([1, ['grad.classifier']]);
  });

  test('a gradient that is listed as zero, stored as zero, and computed otherwise', async () => {
    const path = place.reference(...HEAD, (tensors, description) => {
      tensor(tensors, 'grad.classifier').data.fill(0);
      description.zero_gradients?.push('grad.classifier');
    });
    const { code, failing } = await compareJson(place.case(...HEAD), path);
    expect([code, failing]).toEqual([1, ['grad.classifier']]);
  });

  test('a gradient that is listed as zero must be in the file', async () => {
    const path = place.reference(
      ...HEAD,
      listed((d) => void d.zero_gradients?.push('grad.nobody')),
    );
    const { code, json } = await compareJson(place.case(...HEAD), path);
    expect([code, json.error?.code]).toEqual([1, 'data-bad-reference']);
    expect(json.error?.expected).toContain('grad.nobody');
  });
});

describe('keys that nothing consumes', () => {
  test.each(['in.extra', 'param.extra', 'out.extra', 'grad.extra'])('%s', async (key) => {
    const path = place.reference(...HEAD, (tensors) => tensors.set(key, { shape: [1], data: Float32Array.of(0) }));
    const { code, json, failing } = await compareJson(place.case(...HEAD), path);
    expect(code).toBe(1);
    expect(json.passed).toBe(false);
    expect([...json.unconsumed, ...failing]).toEqual([key]);
    const ran = await compare(place.case(...HEAD), path);
    expect(ran.code).toBe(1);
    expect(ran.out).toContain(key);
  });

  test('an input that the case reads and no result needs', async () => {
    const path = place.reference(...SMALL, (tensors) => tensors.set('in.unused', { shape: [1], data: Float32Array.of(0) }));
    const text = place.case(...SMALL, (t) => t.replace('let r =', 'let unused = plain("unused")\n  let r ='));
    const { code, json } = await compareJson(text, path);
    expect([code, json.unconsumed]).toEqual([1, ['in.unused']]);
  });

  test('a result of the file that the case does not compare', async () => {
    const text = place.case(...SMALL, (t) => t.replace(/ {2}out "is_cam".*\n/, ''));
    const { code, failing, json } = await compareJson(text, place.reference(...SMALL));
    expect([code, failing]).toEqual([1, ['out.is_cam']]);
    expect(json.built[0].rows.find(({ key }) => key === 'out.is_cam')?.note).toMatch(/not consumed/);
  });
});

test('a case that compares nothing has not passed', async () => {
  const path = place.reference(...SMALL, (tensors, description) => {
    tensors.clear();
    delete description.tensors;
  });
  const { code, json } = await compareJson(place.write('nothing.wsss', 'case nothing { }'), path);
  expect([code, json.passed]).toEqual([1, false]);
});

test('a key that is compared twice', async () => {
  const text = place.case(...SMALL, (t) => t.replace(/( {2}out "is_cam".*\n)/, '$1$1'));
  const { code, json } = await compareJson(text, place.reference(...SMALL));
  expect(code).toBe(1);
  expect(json.diagnostics?.map((d) => d.code)).toContain('case-duplicate-key');
});

describe('keys that are missing', () => {
  test('a tensor that the description lists', async () => {
    const path = place.reference(...SMALL, (tensors) => void tensors.delete('out.is_cam'));
    const ran = await compare(place.case(...SMALL), path);
    expect(ran.code).toBe(1);
    expect(ran.error).toMatch(/error\[data-bad-reference\].*[\s\S]*out\.is_cam/);
  });

  test.each([
    ['in.feature', 'case-unknown-key'],
    ['out.is_cam', 'case-unknown-key'],
  ])('%s, which the case names', async (key, problem) => {
    const path = place.reference(...SMALL, (tensors, description) => {
      tensors.delete(key);
      delete description.tensors;
    });
    const { code, json } = await compareJson(place.case(...SMALL), path);
    expect(code).toBe(1);
    expect(json.diagnostics?.map((d) => d.code)).toContain(problem);
  });

  test('a parameter of the program', async () => {
    const path = place.reference(...HEAD, (tensors, description) => {
      tensors.delete('param.classifier');
      delete description.tensors;
    });
    const { code, json } = await compareJson(place.case(...HEAD), path);
    expect(code).toBe(1);
    const found = json.diagnostics?.find((d) => d.code === 'case-parameter-unbound');
    expect(found?.message).toContain('head.classifier.weight');
    expect(found?.hint).toContain("'param.classifier', which the file does not have");
  });
});

test('a module that draws random numbers cannot be compared', async () => {
  place.write(
    'noise.wsss',
    'module noisy(x: Features[N, h, w, C]) -> Features[N, h, w, C] {\n  random gate ~ uniform(like: x)\n  return x * gate\n}\n',
  );
  const text = 'import { noisy } from "noise"\ncase prototype_is_cam {\n  out "is_cam" = nchw(noisy(nchw("seeds")))\n}\n';
  const { code, json } = await compareJson(place.write('noisy.wsss', text), place.reference(...SMALL));
  expect(code).toBe(1);
  expect(json.diagnostics?.filter(({ severity }) => severity === 'error').map((d) => d.code)).toEqual(['case-random']);
});

describe('sizes and layouts that contradict each other', () => {
  test('a layout for another number of axes', async () => {
    const text = place.case(...SMALL, (t) => t.replace('nchw("feature")', 'chw("feature")'));
    const { code, json } = await compareJson(text, place.reference(...SMALL));
    expect(code).toBe(1);
    expect(json.diagnostics?.map((d) => d.code)).toContain('case-layout');
  });

  test.each(['nchw(r.prototypes)', 'layout(r.prototypes, "n c -> c m")'])('%s', async (written) => {
    const text = place.case(...SMALL, (t) => t.replace('out "prototypes" = r.prototypes', `out "prototypes" = ${written}`));
    const { code, json } = await compareJson(text, place.reference(...SMALL));
    expect(code).toBe(1);
    expect(json.diagnostics?.map((d) => d.code)).toContain('case-layout');
  });

  test('a wrong order of axes', async () => {
    const text = place.case(...SMALL, (t) => t.replace('nchw("feature")', 'layout("feature", "n h w c -> n h w c")'));
    const ran = await compare(text, place.reference(...SMALL));
    expect(ran.code).toBe(1);
    expect(ran.error).toMatch(/error\[case-shape\]: .*contradict/);
  });

  test('an axis of one that is not one', async () => {
    const text = place.case('sipe', 'valid_mask', (t) => t.replace('n1hw("inside")', 'layout("inside", "n h w 1 -> n h w")'));
    const ran = await compare(text, place.reference('sipe', 'valid_mask'));
    expect(ran.code).toBe(1);
    expect(ran.error).toMatch(/error\[case-layout\]: .*'in\.inside'/);
  });

  test('a parameter that is larger than its layer', async () => {
    const path = place.reference(...HEAD, (tensors, description) => {
      const side = tensor(tensors, 'param.side1');
      side.shape[0] *= 2;
      side.data = new Float32Array(side.data.length * 2);
      delete description.tensors;
    });
    const ran = await compare(place.case(...HEAD), path);
    expect(ran.code).toBe(1);
    expect(ran.error).toContain('error[case-shape]');
    expect(ran.error).toContain('sides.0.weight');
  });

  test('a description that tells another shape than the file has', async () => {
    const path = place.reference(...SMALL, (_, description) => description.tensors?.['in.feature'].shape.push(1));
    const { code, json } = await compareJson(place.case(...SMALL), path);
    expect([code, json.error?.code]).toEqual([1, 'data-bad-reference']);
  });
});

describe('broken files', () => {
  const refused = async (casePath: string, path: string, code: number, text: RegExp, backend?: string): Promise<void> => {
    const ran = await compare(casePath, path, backend === undefined ? {} : { backend });
    expect(ran.error).toMatch(text);
    expect(ran.code).toBe(code);
    expect(ran.error + ran.out).not.toMatch(/^\s+at /m);
  };

  test('a reference that is not there', () => refused(place.case(...SMALL), place.path('no.safetensors'), 2, /cannot be read \(ENOENT\)/));

  test('a description that is not there', async () => {
    const path = place.reference(...SMALL);
    writeFileSync(place.path('lonely.safetensors'), readFileSync(path));
    await refused(place.case(...SMALL), place.path('lonely.safetensors'), 2, /lonely\.json: the description/);
  });

  test('the description in the place of the reference', () =>
    refused(place.case(...SMALL), place.reference(...SMALL).replace('.safetensors', '.json'), 2, /the reference is a \.safetensors file/));

  test('a truncated reference', async () => {
    const path = place.reference(...SMALL);
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.subarray(0, bytes.length - 5));
    await refused(place.case(...SMALL), path, 1, /error\[data-bad-safetensors\]/);
  });

  test('a description that is no JSON', async () => {
    const path = place.reference(...SMALL);
    writeFileSync(path.replace('.safetensors', '.json'), '{ "tolerance": ');
    await refused(place.case(...SMALL), path, 1, /error\[data-bad-reference\]/);
  });

  test.each([
    ['no tolerance', { tolerance: undefined }],
    ['a tolerance that is no number', { tolerance: { out: { rtol: 'small', atol: 0, atol_of_max: 0 } } }],
    ['a negative tolerance', { tolerance: { out: { rtol: 0, atol: -1, atol_of_max: 0 } } }],
    ['exact names that are no list', { tolerance: { out: { rtol: 0, atol: 0, atol_of_max: 0 }, exact: 'out.loss' } }],
    ['special rules that are no text', { tolerance: { out: { rtol: 0, atol: 0, atol_of_max: 0 }, special: { 'out.loss': 1 } } }],
  ])('%s', async (_, changed) => {
    const path = place.reference(...SMALL, (__, description) => void Object.assign(description, changed));
    await refused(place.case(...SMALL), path, 1, /error\[data-bad-reference\][\s\S]*expected: 'tolerance/);
  });

  test('a case that is not there', () => refused(place.path('no.wsss'), place.reference(...SMALL), 2, /there is no such file/));

  test('a file without a case', () =>
    refused(place.write('none.wsss', 'import "std/layers"\n'), place.reference(...SMALL), 1, /error\[case-missing\]/));

  test('an empty file', () => refused(place.write('empty.wsss', ''), place.reference(...SMALL), 1, /error\[case-missing\]/));

  test('a case with a mistake in its syntax', () =>
    refused(
      place.case(...SMALL, (t) => t.replace('out "prototypes" =', 'out "prototypes" ==')),
      place.reference(...SMALL),
      1,
      /^error\[/m,
    ));

  test('a case that declares a module', () =>
    refused(
      place.case(...SMALL, (t) => `${t}\nmodule own(x: Tensor[N, C]) -> Tensor { return x }\n`),
      place.reference(...SMALL),
      1,
      /error\[case-declares\]: a case declares no module/,
    ));

  test('a name that the reference does not have among its numbers', () =>
    refused(
      place.case(...SMALL, (t) => t.replace('hyperparameters.cosine_eps', 'hyperparameters.nothing')),
      place.reference(...SMALL),
      1,
      /error\[unknown-member\][\s\S]*nothing/,
    ));

  test('a backend that nobody knows', () => refused(place.case(...SMALL), place.reference(...SMALL), 3, /unknown-backend/, 'abacus'));
});
