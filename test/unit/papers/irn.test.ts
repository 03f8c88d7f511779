/** IRN and the segmenters as specs, held against the cards: parameters, which loss trains what, rates. */
import { expect, test } from 'vitest';
import { flowReport } from '../../../compiler/describe/flow.ts';
import { methodOf, parameters } from './methods.ts';

test('IRN: parameters of the two branches, and which loss trains which', () => {
  const irn = methodOf('methods/irn.wsss', 'irn');
  expect(parameters(irn, 'edge')).toBe(125_409);
  expect(parameters(irn, 'shift')).toBe(1_269_120);
  const reached = flowReport(irn).rows.map(({ parts, standing, rate, cells }) => [
    parts.join(),
    standing,
    rate,
    Object.keys(cells).filter((loss) => cells[loss].kind === 'reached'),
  ]);
  expect(new Set(reached)).toEqual(
    new Set([
      ['net', 'frozen', undefined, []],
      ['edge', 'trained', 0.1, ['background', 'foreground', 'different']],
      ['shift', 'trained', 1, ['centres', 'still']],
    ]),
  );
  expect(flowReport(irn).losses.map(({ name, weight }) => [name, weight])).toEqual([
    ['background', 0.25],
    ['foreground', 0.25],
    ['different', 0.5],
    ['centres', 0.5],
    ['still', 0.5],
  ]);
});

test('CAM: the gradient ends behind the second stage, the classifier is ten times as fast', () => {
  const rows = flowReport(methodOf('methods/cam.wsss', 'cam')).rows.map(({ parts, standing, rate }) => [parts.join(), standing, rate]);
  expect(rows).toEqual([
    ['net.stem,net.layer1,net.layer2', 'frozen', undefined],
    ['net.layer3,net.layer4', 'trained', 0.1],
    ['classifier', 'trained', 1],
  ]);
});

test.each([
  // deeplab-pytorch's DeepLab-v2 with its four branches; LargeFOV has the 20.5 million parameters of its paper.
  { name: 'deeplab', millions: 44.0, groups: { base: [2.5e-4, 5e-4], head_kernels: [2.5e-3, 5e-4], head_biases: [5e-3, 0] } },
  {
    name: 'largefov_vgg16',
    millions: 20.5,
    groups: {
      base: [1e-3, 5e-4],
      net_biases_head_fc6_bias_head_fc7_bias: [2e-3, 0],
      head_classifier_weight: [1e-2, 5e-4],
      head_classifier_bias: [2e-2, 0],
    },
  },
  { name: 'largefov_r38', millions: 124.2, groups: { base: [1e-3, 5e-4], head_weights: [1e-2, 5e-4], head_biases: [2e-2, 0] } },
  { name: 'largefov_r101', millions: 62.4, groups: { base: [1e-3, 5e-4], head_kernels: [1e-2, 5e-4], head_biases: [2e-2, 5e-4] } },
])('$name: parameters, rates and decays', ({ name, millions, groups }) => {
  const method = methodOf('methods/deeplab.wsss', name);
  expect((parameters(method, 'net') + parameters(method, 'head')) / 1e6).toBeCloseTo(millions, 1);
  const found = method.train?.optimizer.groups.map((group) => [group.name, [group.rate, group.weightDecay]] as const) ?? [];
  expect(Object.fromEntries(found.map(([key, [rate, decay]]) => [key, [Number(rate.toPrecision(6)), decay]]))).toEqual(groups);
});
