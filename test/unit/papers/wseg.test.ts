/** 1-stage-wseg and WS-FCN as specs, held against their cards: what trains, by which loss, how fast, from which epoch, with how many parameters. */
import { describe, expect, test } from 'vitest';
import { flowReport } from '../../../compiler/describe/flow.ts';
import { methodOf, parameters } from './methods.ts';

const wseg = methodOf('methods/wseg.wsss', 'wseg');
const wsFcn = methodOf('methods/ws-fcn.wsss', 'ws_fcn');

test('parameters of the two contexts are those that the card counts', () => {
  expect(parameters(wseg, 'context') / 1e6).toBeCloseTo(30.7, 1);
  expect(parameters(wsFcn, 'context') / 1e6).toBeCloseTo(37.2, 1);
  for (const layer of ['net', 'head']) expect(parameters(wsFcn, layer)).toBe(parameters(wseg, layer));
});

describe.each([
  { method: wseg, warmUp: 5, epochs: 25, weights: 0.01, biases: 0.02 },
  { method: wsFcn, warmUp: 7, epochs: 31, weights: 0.02, biases: 0.04 },
])('$method.name', ({ method, warmUp, epochs, weights, biases }) => {
  const report = flowReport(method);

  test('both losses reach everything that trains; the first blocks and all norms of the backbone stand still', () => {
    expect(report.losses.map(({ name, fromEpoch }) => [name, fromEpoch])).toEqual([
      ['cls', 0],
      ['mask', warmUp],
    ]);
    for (const { parts, standing, cells } of report.rows) {
      const still = parts.every((part) => /^net\.(conv1a|b2)/.test(part) || /^net\..*bn/.test(part));
      expect([parts, standing]).toEqual([parts, still ? expect.stringMatching(/^(frozen|fixed)$/) : 'trained']);
      for (const loss of ['cls', 'mask']) if (!still) expect([parts, cells[loss].kind]).toEqual([parts, 'reached']);
    }
    expect(report.rows.some(({ parts }) => parts.includes('net.conv1a'))).toBe(true);
  });

  test('pseudo labels carry no gradient', () => {
    const cuts = report.losses.find(({ name }) => name === 'mask')?.cuts ?? [];
    expect(cuts.length).toBeGreaterThan(0);
    expect(report.losses.find(({ name }) => name === 'cls')?.cuts).toEqual([]);
  });

  test('rates by group: new biases twice as fast as new weights and without decay', () => {
    const groups = method.train?.optimizer.groups ?? [];
    expect(groups.map(({ name, rate, weightDecay }) => [name, rate, weightDecay])).toEqual([
      ['base', 1e-3, 5e-4],
      ['new_weights', weights, 5e-4],
      ['new_biases', biases, 0],
    ]);
    const [base, slow, fast] = groups;
    expect(base.keys.every((key) => key.startsWith('net.'))).toBe(true);
    expect(slow.keys.some((key) => key.startsWith('net.') || key.endsWith('.bias'))).toBe(false);
    expect(fast.keys.every((key) => key.endsWith('.bias') && !key.startsWith('net.'))).toBe(true);
    expect(method.train?.epochs).toBe(epochs);
    expect(method.train?.schedule.shape.kind).toBe('constant');
  });
});
