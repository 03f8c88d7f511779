/** Numbers that no program can mean: each is told at its place, by the type that its table or its signature states. */
import { describe, expect, it } from 'vitest';
import { framed } from '../../../compiler/diagnostics/frames.ts';
import { checkWith, reported } from './checking.ts';

const inBody: readonly (readonly [line: string, lowest: string])[] = [
  ['layer a = conv(4, kernel: 0)', 'layer a = conv(4, kernel: 1)'],
  ['layer a = conv(0)', 'layer a = conv(1)'],
  ['layer a = conv(4, stride: 0)', 'layer a = conv(4, stride: 1)'],
  ['layer a = conv(4, pad: -1)', 'layer a = conv(4, pad: 0)'],
  ['layer a = conv(4, kernel: 3, dilation: 0)', 'layer a = conv(4, kernel: 3, dilation: 1)'],
  ['layer a = strip_conv(4, kernel: [0, 3])', 'layer a = strip_conv(4, kernel: [1, 3])'],
  ['layer a = dropout(1.5)', 'layer a = dropout(0.5)'],
  ['layer a = dropout(1.0)', 'layer a = dropout(0.0)'],
  ['layer a = group_norm(0)', 'layer a = group_norm(1)'],
  ['layer a = batch_norm(eps: 0.0)', 'layer a = batch_norm(eps: 1e-12)'],
  ['layer a = batch_norm(momentum: 1.1)', 'layer a = batch_norm(momentum: 1.0)'],
  ['layer a = small_residual(widths: [8, 0, 8, 8])', 'layer a = small_residual(widths: [8, 8, 8, 8], groups: 1)'],
  ['let a = max_normalize(relu(image) as cam, eps: 0.0)', 'let a = max_normalize(relu(image) as cam, eps: 1e-5)'],
  ['let a = max_pool(image, window: 0)', 'let a = max_pool(image, window: 1)'],
  ['let a = max_pool(image, window: 2, stride: 0)', 'let a = max_pool(image, window: 2, stride: 1)'],
  ['let a = avg_pool(image, window: 3, pad: -1)', 'let a = avg_pool(image, window: 3, pad: 0)'],
  ['let a = resize(image, factor: -2.0)', 'let a = resize(image, factor: 2.0)'],
  ['let a = neighbours(image, dilations: [0])', 'let a = neighbours(image, dilations: [1])'],
  ['let a = top_k(image, k: 0, over: channel).value', 'let a = top_k(image, k: 1, over: channel).value'],
  ['let a = top_k(image, k: 4, over: channel).value', 'let a = top_k(image, k: 3, over: channel).value'],
  ['let a = clamp(image, 1.0, 0.5)', 'let a = clamp(image, 0.5, 0.5)'],
  ['let a = pad(image, height: [-1, 0])', 'let a = pad(image, height: [1, 0])'],
  ['let a = one_hot(int(image), 0)', 'let a = one_hot(int(image), 1)'],
];

describe('in a body', () => {
  it.each(inBody)('%s is told, %s is not', (wrong, right) => {
    const used = (line: string): string => {
      const name = line.startsWith('layer') ? 'watch b = mean(a(image))' : 'watch b = mean(float(a))';
      return `  layer classify = conv(K)\n  loss cls = soft_margin(gap(classify(net(image).layer4)), tags)\n  ${line}\n  ${line.includes('small_residual') ? 'watch b = mean(a(image).layer4)' : name}`;
    };
    const errors = (line: string): readonly string[] =>
      reported(used(line)).filter((r) => /^(bad-setting|static-type|size-out-of-range)/.test(r));
    expect(errors(wrong)).toEqual([expect.stringContaining(wrong)]);
    expect(errors(right)).toEqual([]);
  });

  it.each(['bernoulli(7, like: image)', 'bernoulli(-0.1, like: image)'])('random ~ %s', (draw) => {
    expect(reported(`  random gate ~ ${draw}\n  watch b = mean(gate)`)).toContainEqual(`bad-setting: random gate ~ ${draw}`);
  });
});

/** Codes that a fragment gives in its frame. */
function codes(frame: Parameters<typeof framed>[0], text: string): readonly string[] {
  const { diagnostics } = checkWith('m.wsss', new Map([['m.wsss', framed(frame, text)]]));
  return diagnostics.toJson().map(({ code }) => code);
}

describe('in a train block', () => {
  it.each([
    'warmup 5.5',
    'warmup -0.1',
    'schedule poly(-2)',
    'schedule poly(0.9, every: 0)',
    'schedule cosine(1.5)',
    'schedule step_down([-0.5], 0.1)',
    'schedule step_down([0.5], 0.0)',
    'clip 0',
    'accumulate 0',
    'group classify: lr -1',
    'group classify: decay -1',
    'group classify: optimizer adam(lr: 0.1, beta1: 1.0)',
    'group classify: optimizer adam(lr: 0.1, epsilon: 0.0)',
    'group classify: optimizer sgd(lr: 0.0)',
    'group classify: optimizer sgd(lr: 0.1, momentum: 1.0)',
    'group classify: optimizer sgd(lr: 0.1, weight_decay: -1e-4)',
    'group classify: optimizer muon(lr: 0.1, iterations: 0)',
  ])('%s', (line) => {
    expect(codes('train', line)).toEqual(['bad-setting']);
  });

  it.each(['warmup 0.1', 'warmup 500', 'schedule poly(0.9, every: 10)', 'schedule step_down([0.5, 2000], 0.1)', 'group classify: lr x0'])(
    '%s is sound',
    (line) => {
      expect(codes('train', line)).toEqual([]);
    },
  );
});

describe('in a data set', () => {
  it.each(['train -3', 'val 0', 'train 2.5', 'seed -1', 'classes 2.5', 'classes [1, 2]', 'train "many"'])('%s', (setting) => {
    const found = codes('file', `dataset made { format emojivoc, ${setting} }`).filter((code) => code !== 'unused-name');
    expect(found).toHaveLength(1);
    expect(['bad-setting', 'static-type']).toContain(found[0]);
  });
});
