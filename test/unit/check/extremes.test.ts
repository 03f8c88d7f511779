import { expect, test } from 'vitest';
import { renderAll } from '../../../compiler/diagnostics/render.ts';
import { checkSpec, methodAround } from './checking.ts';

/** Statements that ask for what cannot be, or for far too much of it. Some are merely never used. */
const LINES = [
  'let z = 9000000000000 * K * 9000000000000',
  'let z = maps[channel: 5..2]',
  'let z = maps[9]',
  'let z = [i for i in 0..100000000]',
  'let z = conv(9007199254740993)(maps)',
  'let z = reshape(maps, [0])',
  'let z = reshape(maps, [-1, K])',
  'let z = K ^ K',
  'let z = K % 0',
  'let z = 5 % K',
  'let z = K div 0',
  'let z = floor(K / (K - K))',
  'let z = resize(maps, size: [0, 0], convention: half_pixel)',
  'let z = resize(maps, factor: 0, convention: half_pixel)',
  'let z = resize(maps, factor: -2, convention: half_pixel)',
  'let z = resize(maps, factor: 1e30, convention: half_pixel)',
  'let z = max_pool(maps, window: 0)',
  'let z = avg_pool(maps, window: 2, stride: 0)',
  'let z = conv2d(maps, classifier.weight, stride: 0)',
  'let z = zeros([1e12, 1e12])',
  'let z = gather(maps, tags, 99)',
  'let z = one_hot(argmax(maps), 0)',
  'let z = one_hot(argmax(maps), K - K)',
  'let z = concat([])',
  'let z = sum([])',
  'let z = normal(1)',
  'let z = full([2], maps)',
  'let z = rearrange(maps, "(n h w c) -> n h w c")',
  'let z = rearrange(maps, "")',
  'let z = einsum(maps, maps, "a,b->c")',
  'let z = pad(maps, height: [-100, 0])',
  'let z = flip(maps, 12)',
  'let z = expand(maps, [2, 2])',
  'let z = round(0.3 * K * maps)',
  'let z = int(1e300 * K)',
  'let z = classifier(maps, maps, maps)',
  'let z = net.layer2.conv1.weight + 1',
  'let z = net(net)',
  'let z = x(1)',
  'let z = (a => a(a))(b => b(b))',
  'let z = 1 ? 2 : 3',
  'let z = -"a"',
  'let z = not 3',
  'let z = maps as loss',
  'let z = scale(image, 2)',
  'let z = normalize(image, imagenet)',
  'let z = size(maps, channel) + size(maps, batch) / 0',
  'let z = maps[h: 0..H]',
  'let z = maps[h: -1]',
  'let z = [1,2][-5]',
  'require 1 == 2',
  'require K divisible by 0',
  'require K >= 1e300',
  'let z = uniform(1, 2, 3)',
  'weight z: Tensor[K, 0] init ones',
  'weight z: Tensor[1e9, 1e9] init normal("a")',
  'layer z = [conv(K), 3]',
  'layer z = conv',
  'layer z = conv(0)',
  'layer z = conv(-1)\n  let y = z(maps)',
  'layer z = conv(2, kernel: 99)\n  let y = z(maps)',
  'random z ~ bernoulli(maps, like: 3)',
  'state z: Tensor[K] = maps',
  'watch z = net',
  'let z = [i for i in 0..90000 for j in 0..90000]',
  'let z = reshape(maps, [9000000000000 * K, 9000000000000])',
  'let z = maps[channel: 0..9000000000000 * K * 9000000000000]',
  'let z = conv(9000000000000 * 9000000000000)',
  'layer z = conv(9000000000000 * K, kernel: 3)\n  let y = z(maps)',
  'let z = floor(1e300 * K)',
  'let z = round(K * 1e300)',
  'let z = expand(maps, [9000000000 * K, 90000000000, 90000000000, K])',
  'require 9000000000000 * K divisible by 9000000000000',
];

test.each(LINES)('%s', (line) => {
  const text = methodAround(`layer classifier = conv(K)
  let x = net(image)
  cam maps = classifier(x.layer4)
  ${line}
  loss cls = soft_margin(gap(maps), tags)`);
  const { diagnostics } = checkSpec('m.wsss', text);
  expect(renderAll(diagnostics.all)).not.toBe('');
  expect(diagnostics.all.length).toBeLessThanOrEqual(2);
  const from = text.indexOf(line);
  for (const { span, code } of diagnostics.all)
    if (code !== 'parameter-unreached') expect([span.start >= from, span.start <= from + line.length]).toEqual([true, true]);
});
