/** Costs of whole methods against published numbers, and sizes for what a spec leaves open. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type CheckedMethod, checkFile } from '../../../compiler/check/check.ts';
import { type CostReport, costReport } from '../../../compiler/describe/cost.ts';
import { type SizeWishes, sizesOf } from '../../../compiler/describe/sizes.ts';
import { Diagnostics } from '../../../compiler/diagnostics/diagnostics.ts';

const specs = fileURLToPath(new URL('../../../specs/', import.meta.url));

function methodIn(file: string, name: string, text?: string): CheckedMethod {
  const read = (path: string): string => (path === file && text !== undefined ? text : readFileSync(specs + path, 'utf8'));
  const method = checkFile({ read }, file, new Diagnostics(), { only: [name] })?.methods.get(name);
  if (!method) throw new Error(`no ${name} in ${file}`);
  return method;
}

function costOf(method: CheckedMethod, wishes: SizeWishes): CostReport {
  const found = sizesOf(method, wishes);
  const report = found.ok ? costReport(method, found.sizes) : undefined;
  if (!report) throw new Error(`no cost of ${method.name}`);
  return report;
}

/** To as many digits as the number was published with. */
const published = (value: number, unit: number, digits: number): string => (value / unit).toFixed(digits);

describe('published numbers at 224 × 224', () => {
  test('ResNet-50: 25,557,032 parameters (torchvision), 4.1 G multiply-adds (He et al. 2016 count 3.8 with the stride in another place)', () => {
    const { parameters, multiplyAdds } = costOf(methodIn('examples/classifiers.wsss', 'resnet50_classifier'), {
      size: [224, 224],
      batch: 1,
    });
    expect(parameters.total).toBe(25_557_032);
    expect(published(parameters.total, 1e6, 1)).toBe('25.6');
    expect(published(multiplyAdds.forward, 1e9, 1)).toBe('4.1');
  });

  test('VGG-16 with its classifier: 138,357,544 parameters (torchvision), 15.5 G multiply-adds', () => {
    const { parameters, multiplyAdds } = costOf(methodIn('examples/classifiers.wsss', 'vgg16_classifier'), { size: [224, 224], batch: 1 });
    expect(parameters.total).toBe(138_357_544);
    expect(published(multiplyAdds.forward, 1e9, 1)).toBe('15.5');
  });
});

describe('sipe_small', () => {
  const method = methodIn('methods/sipe.wsss', 'sipe_small');
  const report = costOf(method, { size: [96, 64], batch: 3, classes: 5 });

  test('modules add up to the method', () => {
    const [whole] = report.modules;
    expect(whole).toMatchObject({
      path: '',
      parameters: report.parameters.total,
      forward: report.multiplyAdds.forward,
      step: report.multiplyAdds.step,
      activationBytes: report.memory?.activations,
    });
    const top = report.modules.filter(({ path }) => path !== '' && !path.includes('.'));
    expect(top.reduce((sum, row) => sum + row.parameters, 0)).toBe(report.parameters.total);
    expect(top.reduce((sum, row) => sum + row.state, 0)).toBe(report.state);
  });

  test('slots are those of Adam: two for each trained parameter', () => {
    expect(report.slots).toBe(2 * report.parameters.trained);
    expect(report.parameters.frozen).toBe(0);
  });

  test('in proportion to images and pixels, parameters aside', () => {
    const twice = costOf(method, { size: [96, 64], batch: 6, classes: 5 });
    expect(twice.parameters).toEqual(report.parameters);
    expect(twice.multiplyAdds.forward).toBe(2 * report.multiplyAdds.forward);
    expect(twice.memory?.activations).toBeGreaterThan(1.9 * (report.memory?.activations ?? 0));
    expect(report.memory?.total).toBe(
      report.bytes.parameters + report.bytes.state + report.bytes.slots + (report.memory?.batch ?? 0) + (report.memory?.peak ?? 0),
    );
  });

  test('without a wish the spec decides', () => {
    const found = sizesOf(method, {});
    expect(found).toMatchObject({ ok: true, sizes: { N: method.train?.batch, H: 192, W: 192 } });
  });
});

test('what is frozen is counted apart', () => {
  const { parameters, modules } = costOf(methodIn('methods/sipe.wsss', 'sipe'), { size: [64, 64], batch: 1 });
  const rows = modules.filter(({ path }) => ['net.stem', 'net.layer1', 'net.layer2'].includes(path));
  expect(rows.map((row) => row.frozen)).toEqual(rows.map((row) => row.parameters));
  expect(rows.reduce((sum, row) => sum + row.frozen, 0)).toBe(parameters.frozen);
  expect(parameters.trained + parameters.frozen).toBe(parameters.total);
});

describe('sizes', () => {
  const text = (fact: string): string => `language 1
import "std/layers"
import "datasets/voc"
method open {
  supervision tags
  input image: Image[N, H, W, 3]
  input words: Tensor[N, C, D]
  ${fact}
  layer score = conv(1, kernel: 1)
  loss a = (mean(score(image)) + mean(words)) as loss
  train { data voc.train { image = source |> normalize(imagenet) |> crop(33, pad: zero) } epochs 1, batch 2, optimizer sgd(lr: 0.1) }
}`;

  test('that nothing gives are asked for', () => {
    const method = methodIn('open.wsss', 'open', text(''));
    const found = sizesOf(method, {});
    expect(found).toMatchObject({ ok: false, open: expect.arrayContaining(['C', 'D']) });
    expect(sizesOf(method, { named: { C: 4, D: 5 } })).toMatchObject({ ok: true, sizes: { C: 4, D: 5 } });
  });

  test('that an equality gives are not', () => {
    expect(sizesOf(methodIn('open.wsss', 'open', text('require C == 4 * D')), { named: { D: 5 } })).toMatchObject({
      ok: true,
      sizes: { C: 20, D: 5 },
    });
  });

  test('under which a fact does not hold are refused with it', () => {
    const method = methodIn('open.wsss', 'open', text('require H divisible by 16'));
    const found = sizesOf(method, { named: { C: 4, D: 5 } });
    expect(found.ok ? '' : 'broken' in found ? found.broken : '').toMatch(/^H divisible by 16 \(open\.wsss:\d+:\d+\)$/);
    expect(sizesOf(method, { size: [32, 33], named: { C: 4, D: 5 } }).ok).toBe(true);
  });
});
