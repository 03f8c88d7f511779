/** C2AM as a spec, held against its card: what trains, how fast, and how the sign of the map is settled. */
import { expect, test } from 'vitest';
import { compileMethod } from '../../../compiler/compile.ts';
import { stateCost } from '../../../compiler/cost/cost.ts';
import { flowReport } from '../../../compiler/describe/flow.ts';
import { methodOf } from './methods.ts';

const c2am = methodOf('methods/c2am.wsss', 'c2am');

test('every convolution trains at one rate, the head among them; norms keep their scales and shifts', () => {
  const groups = c2am.train?.optimizer.groups ?? [];
  expect(groups.map(({ rate, weightDecay, rule }) => [rate, weightDecay, rule])).toEqual([
    [1e-3, 1e-4, expect.objectContaining({ kind: 'sgd', momentum: 1e-4 })],
  ]);
  const compiled = compileMethod(c2am);
  if (!compiled.ok) throw new Error('not differentiable');
  const update = compiled.program.graphs.update;
  const moved = update.outputs.flatMap(({ role, name }) => (role === 'state' && c2am.states.get(name)?.role === 'parameter' ? [name] : []));
  const convolutions = [...c2am.states.values()].filter(({ parameterRole }) => parameterRole === 'kernel').map(({ key }) => key);
  expect([...moved].sort()).toEqual([...convolutions].sort());
  // 53 of ResNet-50 and the head's.
  expect(convolutions.length).toBe(54);
  const head = [...c2am.states.values()].filter(({ key }) => key === 'split.activation_head.weight');
  expect(stateCost(head, {}).parameters).toBe(27_648);
});

test('all three losses reach the whole network from the first step', () => {
  const report = flowReport(c2am);
  expect(report.losses.map(({ name, fromEpoch, weight }) => [name, fromEpoch, weight])).toEqual([
    ['pull_foreground', 0, 1],
    ['pull_background', 0, 1],
    ['push', 0, 1],
  ]);
  for (const { standing, cells } of report.rows)
    if (standing === 'trained') expect(Object.values(cells).map(({ kind }) => kind)).toEqual(['reached', 'reached', 'reached']);
  expect(report.supervision.declared).toEqual(['none']);
});

test('the sign is looked for in the first epoch and then kept; inference reads it', () => {
  expect(flowReport(c2am).phases.map(({ fromEpoch }) => fromEpoch)).toEqual([0, 1]);
  const compiled = compileMethod(c2am);
  if (!compiled.ok) throw new Error('not differentiable');
  const phases = compiled.program.train?.phases ?? [];
  const changes = phases.map(({ graph }) =>
    compiled.program.graphs[graph].outputs.some(({ role, name }) => role === 'state' && name === 'inverted'),
  );
  expect(changes).toEqual([true, false]);
  // Statistics of norms move in both.
  for (const { graph } of phases)
    expect(compiled.program.graphs[graph].outputs.some(({ name }) => name === 'split.bn_head.running_mean')).toBe(true);
  const inference = compiled.program.graphs['infer.foreground'];
  expect(inference.nodes.some(({ op, attrs }) => op === 'input' && attrs.role === 'state' && attrs.name === 'inverted')).toBe(true);
});

test('the detector of cues sums its loss over pixels and makes a step of ten images', () => {
  const detector = methodOf('methods/c2am.wsss', 'cue_detector');
  expect([detector.train?.batch, detector.train?.accumulate, detector.train?.epochs]).toEqual([1, 10, 9]);
  // The backbone's norms stand still.
  const { rows } = flowReport(detector);
  expect(rows.filter(({ standing }) => standing === 'fixed').every(({ parts }) => parts.every((part) => part.startsWith('net.')))).toBe(
    true,
  );
});
