/** RTC as a spec, held against its card: what trains by which loss, how fast, from which epoch, with how many parameters. */
import { expect, test } from 'vitest';
import { flowReport } from '../../../compiler/describe/flow.ts';
import { methodOf, parameters } from './methods.ts';

test('parameters of the widths that the card states', () => {
  const rtc = methodOf('methods/rtc.wsss', 'rtc');
  expect(parameters(rtc, 'head')).toBe(4096 * 256 + 256 * 21);
  expect(parameters(rtc, 'crr')).toBe(512 * 64 + 1024 * 128 + 4096 * 128 + 256 * 128 + 67 * 67);
  const branches = 9 * (4096 * 512 + 512 * 256 + 4096 * 256) + 512 + 256;
  expect(parameters(rtc, 'decoder')).toBe(branches + 512 * 256 + 9 * 256 * 48 + 304 * 256 + 256 * 21);
});

/** Sections 4 and 11.7: minimum pooling and `ecr` train the five convolutions of CRR alone, `com` the raw maps, the contrast everything below the feature. */
test('which loss trains what', () => {
  const { rows, losses } = flowReport(methodOf('methods/rtc.wsss', 'rtc'));
  const reachedBy = (key: string): readonly string[] => {
    const row = rows.find(({ parts }) => parts.some((part) => part === key || key.startsWith(`${part}.`)));
    expect(row, key).toBeDefined();
    return Object.entries(row?.cells ?? {}).flatMap(([loss, cell]) => (cell.kind === 'reached' ? [loss] : []));
  };
  expect(reachedBy('crr')).toEqual(['cls', 'ecr']);
  expect(reachedBy('head.project')).toEqual(['cls', 'er', 'nce', 'com']);
  expect(reachedBy('head.classifier')).toEqual(['cls', 'er', 'com']);
  expect(reachedBy('decoder.near')).toEqual(['seg']);
  expect(reachedBy('net.b5_1.conv_branch2a')).toEqual(['cls', 'er', 'nce', 'com', 'seg']);
  for (const frozen of ['net.conv1a', 'net.b2', 'net.b2_1', 'net.b2_2', 'net.bn7']) expect(reachedBy(frozen)).toEqual([]);
  expect(losses.map(({ name, weight, fromEpoch }) => [name, weight, fromEpoch])).toEqual([
    ['cls', 1, 0],
    ['er', 1, 0],
    ['ecr', 1, 0],
    ['nce', 1, 0],
    ['com', 1, 0],
    ['seg', 1, 7],
  ]);
});

test('rates and decays of the groups: the new layers ten times, their biases twenty times without decay', () => {
  const groups = methodOf('methods/rtc.wsss', 'rtc').train?.optimizer.groups ?? [];
  expect(groups.map(({ name, rate, weightDecay }) => [name, rate, weightDecay])).toEqual([
    ['base', 0.01, 5e-4],
    ['new_weights', 0.1, 5e-4],
    ['new_biases', 0.2, 0],
  ]);
  expect(groups[2].keys).toEqual(['decoder.wide1.bias', 'decoder.wide2.bias']);
});
