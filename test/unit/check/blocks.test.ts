import '@tensorflow/tfjs-backend-cpu';
import { describe, expect, test } from 'vitest';
import { emit, fileOf } from '../emit/running.ts';
import { forwardOf, inferredOf, methodOf, programOf, runs, told, valuesOf } from './language.ts';

const smooth = `module smooth(x: Cam[N, h, w, K], other: Cam[N, h, w, K]) -> Cam[N, h, w, K] {
  return (x * 0.5 + relu(other) * 0.25) as cam
}
`;

/** Numbers of two spellings of one method. */
function alike(a: string, b: string): void {
  const values = forwardOf(a);
  expect(Object.keys(values).length).toBeGreaterThan(0);
  expect(values).toEqual(forwardOf(b));
}

describe('no_grad', () => {
  const block = methodOf(`
  cam raw = head(image)
  no_grad {
    let soft = softmax(raw)
    let pair = [soft, soft * 2]
    let { a, b } = { a: raw + 1, b: pair[1] }
  }
  loss cls = mean(raw * soft) + mean(pair[0] * raw) + mean(a * b)`);
  const byHand = methodOf(`
  cam raw = head(image)
  let soft = detach(softmax(raw))
  let pair = [detach(soft), detach(soft * 2)]
  let a = detach(raw + 1)
  let b = detach(pair[1])
  loss cls = mean(raw * soft) + mean(pair[0] * raw) + mean(a * b)`);

  test('its names stay visible and hold what they held', () => alike(block, byHand));

  test('no gradient flows through what leaves it', async () => {
    const [a, b] = [programOf(block), programOf(byHand)];
    expect(Object.keys(a.graphs)).toEqual(Object.keys(b.graphs));
    for (const key of Object.keys(a.graphs)) expect(valuesOf(a.graphs[key])).toEqual(valuesOf(b.graphs[key]));
    await runs(block);
  });

  test('functions made inside are cut where they read what is inside', () => {
    const text = methodOf(`
  cam raw = head(image)
  no_grad {
    let soft = raw * 2
    let f = x => x + soft
  }
  loss cls = mean(f(raw))`);
    const cut = methodOf(`
  cam raw = head(image)
  loss cls = mean(raw + detach(raw * 2))`);
    const [a, b] = [programOf(text), programOf(cut)];
    for (const key of Object.keys(b.graphs)) expect(valuesOf(a.graphs[key])).toEqual(valuesOf(b.graphs[key]));
  });

  test('ten turns under it keep nothing for the gradient', async () => {
    const body = (turns: number): string =>
      methodOf(
        `
  cam raw = head(image)
  no_grad {
    iterate m = raw, s = raw times ${turns} {
      let w = softmax(m + s) as cam
      m = smooth(m, w)
      s = m * w
    }
  }
  loss cls = mean(raw * m * s)`,
        smooth,
      );
    const saved = (turns: number): number => {
      const { graphs } = programOf(body(turns));
      return Object.values(graphs).reduce((sum, g) => sum + g.nodes.filter((n) => n.op === 'softmax').length, 0) / turns;
    };
    // Each turn is computed once, forwards; no turn has a backward half.
    expect(saved(10)).toBe(saved(1));
    const program = programOf(body(10));
    const text = fileOf(await emit(program), '.ts');
    expect(text.match(/softmax\(/g)?.length ?? 0).toBeLessThanOrEqual(3);
    await runs(body(10));
  });

  test('it declares no parameters and no losses', () => {
    expect(told(methodOf('  no_grad { layer extra = conv(K, kernel: 1) }\n  loss cls = mean(head(image))'))).toEqual([
      'misplaced-declaration layer extra = conv(K, kernel: 1)',
    ]);
    expect(told(methodOf('  cam raw = head(image)\n  no_grad { loss cls = mean(raw) }\n  loss b = mean(raw)'))).toEqual([
      'misplaced-declaration loss cls = mean(raw)',
    ]);
  });
});

describe('iterate', () => {
  test('it is its turns, written out', async () => {
    const loop = methodOf(
      `
  cam raw = head(image)
  hyper turns = 3
  iterate m = raw, s = raw times turns {
    let w = m * s
    m = smooth(m, w)
    s = w + m
  }
  loss cls = mean(m) + mean(s)`,
      smooth,
    );
    const written = methodOf(
      `
  cam raw = head(image)
  let w0 = raw * raw
  let m0 = smooth(raw, w0)
  let s0 = w0 + raw
  let w1 = m0 * s0
  let m1 = smooth(m0, w1)
  let s1 = w1 + m0
  let w2 = m1 * s1
  let m2 = smooth(m1, w2)
  let s2 = w2 + m1
  loss cls = mean(m2) + mean(s2)`,
      smooth,
    );
    alike(loop, written);
    await runs(loop);
  });

  test('its turns have call paths of their own', () => {
    const program = programOf(
      methodOf(
        `
  cam raw = head(image)
  iterate m = raw times 2 { m = smooth(m, raw) }
  iterate m = m times 2 { m = smooth(m, raw) }
  loss cls = mean(m)`
          .replace('iterate m = m', 'iterate k = m')
          .replace('{ m = smooth(m, raw) }\n  loss cls = mean(m)', '{ k = smooth(k, raw) }\n  loss cls = mean(k)'),
        smooth,
      ),
    );
    const paths = new Set(Object.values(program.graphs).flatMap((g) => g.nodes.map((n) => n.path)));
    for (const path of ['m[0].smooth', 'm[1].smooth', 'k[0].smooth', 'k[1].smooth']) expect([...paths]).toContain(path);
  });

  test('no turn leaves the start; numbers and records are carried too', () => {
    alike(
      methodOf(`
  cam raw = head(image)
  iterate m = raw times 0 { m = m * 2 }
  iterate d = 1, r = { a: raw, n: [raw, raw] }, total = 0 times 3 {
    d = d * 2
    r = { a: r.a * d, n: [r.n[1], r.a] }
    total = total + mean(r.a)
  }
  loss cls = mean(m) + mean(r.a) + mean(r.n[0]) + d + total`),
      methodOf(`
  cam raw = head(image)
  let a1 = raw * 1
  let a2 = a1 * 2
  let a3 = a2 * 4
  loss cls = mean(raw) + mean(a3) + mean(a1) + 8 + (0 + mean(raw) + mean(a1) + mean(a2))`),
    );
  });

  test('a branch, no_grad and another iterate inside', () => {
    alike(
      methodOf(`
  cam raw = head(image)
  hyper soft = true
  iterate m = raw times 2 {
    if soft { m = m * 0.5 } else { m = m * 2 }
  }
  iterate t = raw times 2 {
    iterate u = t times 2 { u = u + raw }
    no_grad { t = u * 3 }
  }
  loss cls = mean(m) + mean(t)`),
      methodOf(`
  cam raw = head(image)
  let m = raw * 0.5 * 0.5
  let t1 = (raw + raw + raw) * 3
  let t2 = (t1 + raw + raw) * 3
  loss cls = mean(m) + mean(t2)`),
    );
  });

  test('what is wrong with it', () => {
    const one = (body: string): readonly string[] => told(methodOf(`  cam raw = head(image)\n${body}\n  loss cls = mean(raw)`));
    expect(one('  iterate m = raw times 2 { m = max_pool(m, window: 2, stride: 2) }')).toEqual([
      'carried-changed max_pool(m, window: 2, stride: 2)',
    ]);
    expect(one('  iterate m = raw times 2 { m = argmax(m, channel) }')).toEqual(['carried-changed argmax(m, channel)']);
    expect(one('  iterate m = raw times 2 { let k = m }')).toEqual(['carried-unset m']);
    expect(one('  iterate m = raw times 2 {\n m = m * 2\n m = m * 3\n }')).toEqual(['set-twice m']);
    expect(one('  iterate m = raw times 2 {\n m = m * 2\n k = m\n }')).toEqual(['not-carried k']);
    expect(one('  if 1 > 0 { raw = raw * 2 }')).toEqual(['not-carried raw']);
    expect(one('  iterate m = raw times mean(raw) { m = m * 2 }')).toEqual(['not-static mean(raw)']);
    expect(one('  iterate m = raw times 1.5 { m = m * 2 }')).toEqual(['static-type 1.5']);
    expect(one('  iterate m = raw times 100000 { m = m * 2 }')).toEqual(['static-limit 100000']);
    expect(one('  iterate m = raw, m = raw times 2 { m = m * 2 }')).toEqual(['duplicate-name m']);
    expect(one('  iterate m = raw times 2 {\n layer extra = conv(K, kernel: 1)\n m = extra(m)\n }')).toEqual([
      'misplaced-declaration layer extra = conv(K, kernel: 1)',
    ]);
    expect(one('  iterate m = raw times 2 { mm = m * 2 }')).toEqual(['not-carried mm']);
    expect(one('  iterate m = raw times 2 {\n loss turn = mean(m)\n m = m * 2\n }')).toEqual(['misplaced-declaration loss turn = mean(m)']);
    expect(one('  iterate m = raw times 2 {\n let w = m\n m = w\n }\n  watch z = mean(w)')).toEqual(['unknown-name w']);
  });
});

describe('if', () => {
  const choosing = (deep: boolean): string =>
    methodOf(`
  hyper deep = ${deep}
  if deep {
    layer extra = conv(K, kernel: 1)
    cam raw = extra(head(image))
    loss seg = mean(raw * 2)
  } else if 1 > 2 {
    cam raw = head(image) * 7
  } else {
    cam raw = head(image)
  }
  loss cls = mean(raw)
  infer maps(photo: Image[1, h0, w0, 3]) -> Tensor[1, h0, w0, K] {
    let x = photo |> normalize(imagenet)
    if deep { return extra(head(x)) }
    return head(x)
  }`);

  test('the branch that is taken is all there is', async () => {
    expect(Object.keys(forwardOf(choosing(true)))).toEqual(['loss seg', 'loss cls']);
    expect(Object.keys(forwardOf(choosing(false)))).toEqual(['loss cls']);
    const deep = await runs(choosing(true));
    const plain = await runs(choosing(false));
    expect(deep.state.map((s) => s.key).filter((k) => k.startsWith('extra.')).length).toBeGreaterThan(0);
    expect(plain.state.map((s) => s.key).filter((k) => k.startsWith('extra.'))).toEqual([]);
    alike(choosing(false), methodOf('  cam raw = head(image)\n  loss cls = mean(raw)'));
    expect(inferredOf(choosing(true), 'maps')).not.toEqual(inferredOf(choosing(false), 'maps'));
  });

  test('in a module it may return', () => {
    const module = `module pick(wide: bool)(x: Cam[N, h, w, K]) -> Cam[N, h, w, K] {
  if wide { return (x * 2) as cam } else { return (x * 3) as cam }
}
`;
    const text = (wide: boolean): string => methodOf(`  layer p = pick(${wide})\n  loss cls = mean(p(head(image) as cam))`, module);
    const plain = (factor: number): string => methodOf(`  loss cls = mean(head(image) * ${factor})`);
    alike(text(true), plain(2));
    alike(text(false), plain(3));
  });

  test('what is wrong with it', () => {
    const one = (body: string): readonly string[] => told(methodOf(`  cam raw = head(image)\n${body}\n  loss cls = mean(raw)`));
    expect(one('  if mean(raw) > 0 { let a = raw }\n  watch b = mean(a)')).toEqual(['not-static mean(raw) > 0']);
    expect(one('  if 1 > 2 { let a = raw }\n  watch b = mean(a)')).toEqual(['branch-not-taken a']);
    expect(one('  if K > 3 { let a = raw }')).toEqual(['static-operands K > 3']);
    expect(one('  if true { return raw }')).toEqual(['misplaced-return return raw']);
    expect(one('  if missing { let a = raw }\n  watch b = mean(a)')).toEqual(['unknown-name missing']);
  });
});

test('a method whose losses all stand in branches that are not taken has none', () => {
  const body = (deep: boolean): string => methodOf(`  hyper deep = ${deep}\n  cam raw = head(image)\n  if deep { loss cls = mean(raw) }`);
  expect(told(body(true))).toEqual([]);
  expect(told(body(false))).toEqual(['missing-loss train {']);
});

test('parts along axes by their numbers', () => {
  const by = (slice: string): string => methodOf(`  cam raw = head(image)\n  loss cls = mean(square(raw)${slice})`);
  expect(forwardOf(by('[1: 1..3, 3: 0..1]'))).toEqual(forwardOf(by('[h: 1..3, channel: 0..1]')));
  expect(forwardOf(by('[2: 0]'))).toEqual(forwardOf(by('[w: 0]')));
});

test('a record that a module takes holds what its type says', () => {
  const scaled = 'module scaled(x: { cam: Cam[N, h, w, K], by: float }) -> Cam[N, h, w, K] {\n  return (x.cam * x.by) as cam\n}';
  const given = (record: string): string => methodOf(`  cam raw = head(image)\n  loss cls = mean(scaled(${record}))`, scaled);
  expect(forwardOf(given('{ by: 0.5, cam: raw }'))).toEqual(forwardOf(methodOf('  cam raw = head(image)\n  loss cls = mean(raw * 0.5)')));
  expect(told(given('{ cam: raw }'))).toEqual(['missing-argument { cam: raw }']);
  expect(told(given('{ cam: raw, by: 1, far: 2 }'))).toEqual(['unknown-member { cam: raw, by: 1, far: 2 }']);
  expect(told(given('{ cam: tags, by: 1 }'))).toEqual(['kind-mismatch { cam: tags, by: 1 }']);
  expect(told(given('{ cam: raw, by: raw }'))).toEqual(['not-static { cam: raw, by: raw }']);
});
