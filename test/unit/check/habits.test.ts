/** Habits of Python and PyTorch: each is one message, at its line, that names our way; where one word takes the place of another, with a fix. */
import { describe, expect, test } from 'vitest';
import { applyFixes } from '../../../compiler/diagnostics/apply.ts';
import { checkSpec } from './checking.ts';

/** What is written, what the message must say, and the line that a fix makes of it. */
type Row = readonly [written: string, says: RegExp, fixed?: string];

const STATEMENTS: readonly Row[] = [
  ['let a = 0.5 ? image : image * 2', /needs true or false.*compare it/s],
  ['let a = mean(image) ? image : image * 2', /where\(condition, a, b\)/],
  ['let a = concat(image, image)', /in brackets: concat\(\[a, b\]\)/, 'let a = concat([image, image])'],
  ['let a = concat(image, image, image)', /in brackets/, 'let a = concat([image, image, image])'],
  ['let f = relu', /operator.*relu\(x\)/s, 'let f = x => relu(x)'],
  ['let a = image.shape', /size\(x, height\)/],
  ['let a = image.shape[0]', /size\(x, height\)/],
  ['let a = image.size(0)', /size\(x, height\)/],
  ['let a = image ** 2', /\^/, 'let a = image ^ 2'],
  ['let a = image > 0 && image < 1', /'and'/, 'let a = image > 0 and image < 1'],
  ['let a = image > 0 || image < 1', /'or'/, 'let a = image > 0 or image < 1'],
  ['let a = !(image > 0)', /'not'/, 'let a = not (image > 0)'],
  ['let a = image and image', /x > 0/],
  ['let a = not image', /x > 0/],
  ['let a = None', /leave the argument out/],
  ['let a = True', /true/, 'let a = true'],
  ['let a = False', /false/, 'let a = false'],
  ['let a = image[:, 0]', /x\[channel: 0\]/],
  ['let a = image[:, :, :, 0]', /x\[channel: 0\]/],
  ['let a = image[..., 0]', /x\[channel: 0\]/],
  ['a = image + 1', /let a = /],
  ['a += 1', /declare a new one with let/],
  ['let a = lambda x: x + 1', /x => /, 'let a = x => x + 1'],
  ['let a = image # a comment', /\/\//, 'let a = image // a comment'],
  ["let a = 'x'", /double quotes/, 'let a = "x"'],
  ['let a = self.head(image)', /'self.' is not needed/, 'let a = head(image)'],
  ['let a = 0 < image < 1', /join them with 'and'/],
  ['let a = image @ image', /matmul\(a, b\)/],
  ['let a = 3 if true else 4', /condition \? a : b/],
  ['let a = image;', /no separator/],
  ['var a = 1', /let/, 'let a = 1'],
  ['const a = 1', /let/, 'let a = 1'],
  ['for i in 1..3 { }', /\[f\(x\) for x in items\]/],
  ['while true { }', /iterate/],
  ['with torch.no_grad():', /no_grad \{/],
  ['layer c = nn.Conv2d(3, 64, 3)', /conv\(64, kernel: 3\)/],
  ['layer c = torch.nn.Conv2d(3, 64, 3)', /conv\(64, kernel: 3\)/],
  ['layer c = Conv2d(3, 64, 3)', /conv\(64, kernel: 3\)/],
  ['layer c = conv(64, kernel_size: 3)', /kernel:/, 'layer c = conv(64, kernel: 3)'],
  ['layer c = conv(64, kernel: 3, padding: 1)', /pad:/, 'layer c = conv(64, kernel: 3, pad: 1)'],
  ['layer c = conv(in_channels: 3, out: 64, kernel: 3)', /known from the call/],
  ['let a = conv(image, 64, 3)', /is a layer.*then part\(x\)/s],
  ['let a = dropout(image, p: 0.5)', /is a layer.*then part\(x\)/s],
  ['layer d = dropout(p: 0.5)', /rate:/, 'layer d = dropout(rate: 0.5)'],
  ['let a = F.relu(image)', /relu/, 'let a = relu(image)'],
  ['let a = torch.cat([image, image])', /concat/, 'let a = concat([image, image])'],
  ['let a = cat([image, image])', /concat/, 'let a = concat([image, image])'],
  ['let a = concat([image, image], dim: 1)', /over: channel/],
  ['let a = softmax(image, dim: 1)', /over: channel/],
  ['let a = mean(image, axis: 1)', /over: channel/],
  ['let a = mean(image, over: space, keepdim: true)', /keep:/, 'let a = mean(image, over: space, keep: true)'],
  ['let a = argmax(image, dim: 1)', /over: channel/],
  ['let a = clamp(image, min: 0)', /low:/, 'let a = clamp(image, low: 0)'],
  ['let a = relu(image, inplace: true)', /leave it out/],
  ['let a = image.view(2, 3)', /reshape\(x/],
  ['let a = view(image, [2, 3])', /reshape\(x/],
  ['let a = image.permute(0, 3, 1, 2)', /rearrange\(x/],
  ['let a = permute(image, [0, 3, 1, 2])', /rearrange\(x/],
  ['let a = transpose(image, 1, 2)', /rearrange\(x/],
  ['let a = image.unsqueeze(0)', /rearrange\(x/],
  ['let a = unsqueeze(image, 0)', /rearrange\(x/],
  ['let a = squeeze(image)', /rearrange\(x/],
  ['let a = flatten(image)', /reshape\(x/],
  ['let a = stack([image, image])', /concat/],
  ['let a = image.sum()', /sum\(x\)/],
  ['let a = image.relu()', /relu\(x\)/],
  ['let a = image.detach()', /detach\(x\)/],
  ['let a = image.clone()', /values never change/],
  ['layer b = BatchNorm2d(64)', /batch_norm\(\)/],
  ['layer b = nn.BatchNorm2d(64)', /batch_norm\(\)/],
  ['layer b = nn.Linear(3, 4)', /linear\(10\)/],
  ['layer b = nn.Sequential(head, head)', /list/],
  ['layer b = nn.ReLU()', /functions, not layers/],
  ['loss l = CrossEntropyLoss(head(image), tags)', /pixel_cross_entropy/],
  ['loss l = F.cross_entropy(head(image), tags)', /pixel_cross_entropy/],
  ['loss l = nn.BCEWithLogitsLoss(mean(head(image), over: space), tags)', /soft_margin\(scores, tags\)/],
  ['let a = interpolate(image, scale_factor: 2)', /resize\(x/],
  ['let a = F.interpolate(image, size: [3, 3])', /resize\(x/],
  ['let a = resize(image, scale_factor: 2)', /factor:/, 'let a = resize(image, factor: 2)'],
  ['let a = max_pool(image, kernel_size: 3)', /window:/, 'let a = max_pool(image, window: 3)'],
  ['let a = avg_pool(image, kernel: 2)', /window:/, 'let a = avg_pool(image, window: 2)'],
  ['let a = max_pool(image)', /window/],
  ['let a = rearrange(image, "n (a h) w c -> n a h w c", a: 2)', /reshape\(x/],
  ['let a = rearrange(image, "n (2 h) w c -> n h w c")', /'2' is no axis/],
  ['let a = len(image)', /size\(x, height\)/],
  ['let a = [x for x in range(3)]', /0\.\.3/],
  ['let a = print(image)', /watch/],
  ['let a = zeros_like(image)', /x \* 0/],
];

const SETTINGS: readonly Row[] = [
  ['optimizer adam(learning_rate: 0.001)', /lr:/, 'optimizer adam(lr: 0.001)'],
  ['optimizer adam(lr: 0.001, betas: [0.9, 0.999])', /beta1: 0.9/],
  ['optimizer adam(lr: 0.001, eps: 1e-8)', /epsilon:/, 'optimizer adam(lr: 0.001, epsilon: 1e-8)'],
  ['optimizer adam(lr: 0.001, momentum: 0.9)', /it takes lr, beta1/],
  ['optimizer Adam(lr: 0.001)', /adam/, 'optimizer adam(lr: 0.001)'],
  ['optimizer sgd(lr: 0.1)\n    schedule step_down(milestones: [0.5], factor: 0.1)', /at:/],
  ['optimizer sgd(lr: 0.1)\n    schedule cosine(T_max: 10)', /over all epochs/],
  ['optimizer sgd(lr: 0.1)\n    schedule step_lr(10)', /step_down|there are/],
];

const DECLARATIONS: readonly Row[] = [
  ['import torch', /operators need no import/],
  ['import torch.nn as nn', /operators need no import/],
  ['from torch import nn', /import \{ conv \} from "std\/layers"/],
  ['def f(x):', /module/],
  ['class Net(nn.Module):', /method|module/],
];

const frame = (around: string, members: string, settings: string): string => `${around}

method m {
  supervision tags
  input image: Image[N, H, W, 3]
  input tags: Tags[N, K]
  layer head = conv(K, kernel: 1)
  loss cls = soft_margin(mean(head(image), over: space), tags)
${members}
  train {
    data voc.train { image = source |> normalize(imagenet) |> crop(64, pad: zero) }
    epochs 1, batch 2
    ${settings}
  }
}

dataset voc { format voc }
`;
const HEADER = 'language 1\nimport "std/layers"\nimport "std/losses"';
const SGD = 'optimizer sgd(lr: 0.1)';

function holds([written, says, fixed]: Row, text: string): void {
  const { diagnostics } = checkSpec('it.wsss', text);
  // A value that nothing reads is the table's own doing.
  const told = diagnostics.all.filter((d) => !d.code.startsWith('unused'));
  expect(told.map((d) => `${d.code}: ${d.message}`)).toHaveLength(1);
  const [{ span, message, hint, fix }] = told;
  const from = text.indexOf(written);
  const line = (offset: number): number => text.slice(0, offset).split('\n').length;
  expect(line(span.start)).toBeGreaterThanOrEqual(line(from));
  expect(line(span.start)).toBeLessThanOrEqual(line(from + written.length));
  expect(`${message} ${hint ?? ''}`).toMatch(says);
  if (fixed === undefined) return;
  expect(fix).toBeDefined();
  expect(applyFixes([told[0]]).texts.get('it.wsss')).toBe(text.replace(written, fixed));
}

const named = (rows: readonly Row[]): readonly { readonly name: string; readonly row: Row }[] => rows.map((row) => ({ name: row[0], row }));

describe('habits of other languages', () => {
  test.each(named(STATEMENTS))('$name', ({ row }) => holds(row, frame(HEADER, `  ${row[0]}`, SGD)));
  test.each(named(SETTINGS))('$name', ({ row }) => holds(row, frame(HEADER, '', row[0])));
  test.each(named(DECLARATIONS))('$name', ({ row }) => holds(row, frame(`${HEADER}\n${row[0]}`, '', SGD)));
  test.each(['\tlet a = image', '# a comment'])('%j', (line) => {
    const { diagnostics } = checkSpec('it.wsss', frame(HEADER, line, SGD));
    expect(diagnostics.all.map((d) => d.code).filter((c) => !c.startsWith('unused'))).toEqual(
      line.startsWith('#') ? ['foreign-comment'] : [],
    );
  });
});
