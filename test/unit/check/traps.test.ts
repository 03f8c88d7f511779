/** Numerical traps: told where a zero really occurs and breaks something, and nowhere else. */
import { readdirSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { checkSpec, methodAround, reported, SPECS } from './checking.ts';

const HEAD = `  layer classifier = conv(K)
  cam maps = classifier(net(image).layer4)
  let act = relu(maps)
  let present = float(maps > 0.5)
  loss cls = soft_margin(gap(maps), tags)`;

/** Traps of a method that has this line behind its classifier. */
function traps(line: string): readonly string[] {
  return reported(`${HEAD}\n  ${line}`)
    .filter((r) => r.startsWith('numeric-trap'))
    .map((r) => r.replace('numeric-trap: ', ''));
}

describe('a trap', () => {
  it.each([
    'loss l = mean(act / max(act, over: space, keep: true))',
    'loss l = sum(act * present) / sum(present)',
    'loss l = mean(square(maps / sqrt(sum(square(maps), over: channel, keep: true))))',
    'loss l = mean(sqrt(sum(square(maps), over: channel)))',
    'loss l = mean(where(act > 0, log(act), 0))',
    'loss l = -mean(tags * log(sigmoid(gap(maps))))',
    'loss l = -mean(log(1 - sigmoid(maps)))',
    'loss l = -mean(log(softmax(maps)))',
    'loss l = mean(act ^ 0.5)',
    'loss l = mean(rsqrt(act))',
    'watch l = mean(1 / max(act, over: space))',
    // Values that take both signs.
    'loss l = mean(sqrt(maps))',
    'loss l = mean(rsqrt(maps))',
    'loss l = mean(maps ^ 0.5)',
    'loss l = mean(log(maps))',
    'loss l = mean(log(maps + 1e-5))',
    'loss l = mean(maps / maps)',
    'loss l = mean(1 / gap(maps))',
    'loss l = mean(maps / sum(maps, over: space, keep: true))',
    'loss l = mean(maps / sqrt(sum(maps * maps, over: channel, keep: true)))',
    'loss l = mean(sqrt(1 - act))',
    // Without a bound.
    'loss l = mean(exp(maps))',
    'loss l = mean(sum(exp(maps), over: channel) / sum(exp(maps)))',
    'loss l = mean(exp(square(maps)))',
  ])('in %s', (line) => {
    expect(new Set(traps(line))).toEqual(new Set([line]));
  });

  it('is told once for an operator', () => {
    expect(traps('loss l = sum(act * present) / sum(present)')).toHaveLength(1);
  });
});

describe('no trap', () => {
  it.each([
    'loss l = mean(act / (max(act, over: space, keep: true) + 1e-5))',
    'loss l = sum(act * present) / maximum(sum(present), 1)',
    'loss l = mean(act, where: present)',
    'loss l = mean(softmax(maps, where: present) * maps)',
    'loss l = mean(sqrt(maximum(sum(square(maps), over: channel), 1e-12)))',
    'loss l = mean(sqrt(mean(square(maps)) + 1e-5))',
    'loss l = -mean(log(sigmoid(maps) + 1e-5))',
    'loss l = -mean(log_softmax(maps))',
    // Nothing learns from these roots.
    'loss l = mean(maps * detach(sqrt(act)))',
    'watch l = mean(sqrt(act))',
    // Of unknown sign: nothing says that it is zero.
    'loss l = mean(maps / max(maps, over: space, keep: true))',
    'loss l = mean(maps / (max(maps, over: space, keep: true) + 1e-5))',
    'loss l = mean(maps ^ 2)',
    'loss l = mean(sqrt(square(maps) + 1e-5))',
    'loss l = mean(maps / (abs(maps) + 1))',
    'loss l = mean(maps / sqrt(sum(maps * maps, over: channel, keep: true) + 1e-5))',
    'loss l = mean(where(maps > 0, log(relu(maps) + 1e-5), 0))',
    'loss l = mean(sqrt(maps - min(maps, over: space, keep: true) + 1e-5))',
    'loss l = mean(exp(maps - max(maps, over: channel, keep: true)))',
    'loss l = mean(exp(-square(maps)))',
    'loss l = mean(exp(tanh(maps)))',
    'loss l = -mean(log(1 - einsum(maps, maps, "n h w k, n h w j -> n k j")))',
    // A variance, written as a difference.
    'loss l = mean(sqrt(relu(mean(square(maps), over: space) - square(gap(maps))) + 1e-5))',
  ])('in %s', (line) => {
    expect(traps(line)).toEqual([]);
  });
});

test('a library line is told at the call, once', () => {
  const body = `${HEAD}\n  let a = shares(act)\n  let b = shares(act)\n  loss l = mean(a + b)`;
  const text = `${methodAround(body)}\nmodule shares(x: Tensor[N, h, w, C]) -> Tensor {\n  return x / max(x, over: space, keep: true)\n}\n`;
  const found = checkSpec('m.wsss', text)
    .diagnostics.toJson()
    .filter((d) => d.code === 'numeric-trap');
  expect(found).toHaveLength(1);
});

test('no spec of the project has one', () => {
  const names = readdirSync(SPECS, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.wsss'));
  const found = names.flatMap((name) =>
    checkSpec(name)
      .diagnostics.toJson()
      .filter((d) => d.code === 'numeric-trap')
      .map((d) => `${name}: ${d.message}`),
  );
  expect(found).toEqual([]);
});
