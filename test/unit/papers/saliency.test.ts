/** MCIS and I2CRC as specs, held against their cards: parameters, which loss reaches what, rates and decay, from which epoch. */
import { describe, expect, test } from 'vitest';
import type { CheckedMethod } from '../../../compiler/check/check.ts';
import { flowReport } from '../../../compiler/describe/flow.ts';
import { checkSpec } from '../check/checking.ts';
import { parameters } from './methods.ts';

const files = ['methods/mcis.wsss', 'methods/i2crc.wsss', 'methods/mcis-extra.wsss'].map((file) => checkSpec(file));

function methodOf(name: string): CheckedMethod {
  const found = files.flatMap(({ checked }) => checked?.methods.get(name) ?? [])[0];
  if (!found) throw new Error(`no ${name}`);
  return found;
}

/** Parts that a loss reaches, by declaration. */
function reached(method: CheckedMethod, loss: string): ReadonlySet<string> {
  const rows = flowReport(method).rows.filter(({ cells }) => cells[loss]?.kind === 'reached');
  return new Set(rows.flatMap(({ parts }) => parts));
}

test('all of it is sound, without a warning', () => {
  for (const { diagnostics } of files) expect(diagnostics.all).toEqual([]);
});

test('parameters are those that the cards count', () => {
  for (const name of ['mcis', 'i2crc']) {
    expect(parameters(methodOf(name), 'net')).toBe(14_714_688);
    expect(parameters(methodOf(name), 'head')).toBe(7_089_684);
  }
  // The matrix of the correlation; the shared classifier and the gate, both without bias.
  expect(parameters(methodOf('mcis'), 'attention')).toBe(512 * 512);
  expect(parameters(methodOf('mcis'), 'maps')).toBe(512 * 20 + 512);
});

describe('MCIS', () => {
  const mcis = methodOf('mcis');
  const report = flowReport(mcis);

  test('what is not shared has a loss from the third epoch on; all other losses from the first', () => {
    expect(report.losses.map(({ name, fromEpoch }) => [name, fromEpoch])).toEqual([
      ['base', 0],
      ['common', 0],
      ['rest_first', 2],
      ['rest_second', 2],
      ['mirror', 0],
      ['small', 0],
      ['large', 0],
    ]);
  });

  test('no gradient is cut; the classifier of the maps is reached by co-attention alone, the gate by what is not shared alone', () => {
    for (const { cuts } of report.losses) expect(cuts).toEqual([]);
    const of = (loss: string): readonly string[] => {
      const layers = [...reached(mcis, loss)].map((part) => part.replace(/\.(weight|bias)$/, ''));
      return [...new Set(layers)].filter((part) => /^(attention|maps|head\.classifier)/.test(part)).sort();
    };
    expect(of('base')).toEqual(['head.classifier']);
    expect(of('common')).toEqual(['attention', 'maps.classifier']);
    for (const loss of ['rest_first', 'rest_second']) expect(of(loss)).toEqual(['attention', 'maps.classifier', 'maps.merge']);
    for (const loss of ['mirror', 'small', 'large']) expect(of(loss)).toEqual(['attention', 'head.classifier', 'maps.classifier']);
    for (const { name } of report.losses) expect([...reached(mcis, name)].some((part) => part.startsWith('net'))).toBe(true);
  });

  test('rates: biases of the backbone twice, new weights ten, new biases twenty times; everything decays', () => {
    const rates = (mcis.train?.optimizer.groups ?? []).map(({ name, rate, weightDecay }) => [name, rate, weightDecay]);
    expect(rates).toEqual([
      ['base', 1e-3, 5e-4],
      ['net_biases', 2e-3, 5e-4],
      ['head_weights_attention_maps', 1e-2, 5e-4],
      ['head_biases', 2e-2, 5e-4],
    ]);
  });

  test('settings 2 and 3 read what they say, and partners come from all images', () => {
    for (const [name, dataset, level] of [
      ['mcis_single', 'single', 'single_label_images'],
      ['mcis_web', 'web', 'web_images'],
    ]) {
      const method = methodOf(name);
      expect(method.supervision).toContain(level);
      expect(method.train?.also).toEqual([{ dataset, split: 'train' }]);
      // Without `from` partners are drawn from everything that is trained on.
      expect(method.train?.pairs?.[0].from).toBeUndefined();
      expect(flowReport(method).losses.map(({ name }) => name)).not.toContain('rest_first');
    }
  });
});

describe('I2CRC', () => {
  const i2crc = methodOf('i2crc');
  const report = flowReport(i2crc);

  test('every loss is on from the first step and reaches everything; nothing is detached', () => {
    expect(report.losses.map(({ name, fromEpoch, cuts }) => [name, fromEpoch, cuts])).toEqual(
      ['cls', 'object', 'background', 'class'].map((name) => [name, 0, []]),
    );
    for (const { parts, cells, standing } of report.rows) {
      expect([parts, standing]).toEqual([parts, 'trained']);
      for (const { name } of report.losses) expect([parts, name, cells[name].kind]).toEqual([parts, name, 'reached']);
    }
  });

  test('two rounds of the segmenter, both from ImageNet, with refinement between', () => {
    const stages = i2crc.pipeline?.stages ?? [];
    const rounds = stages.filter(({ op, program }) => op === 'train' && program === 'deeplab_v2_r101');
    expect(rounds.map(({ inputs }) => inputs)).toEqual([{ masks: 'initial' }, { masks: 'refined' }]);
    expect(stages.find(({ name }) => name === 'refined')?.inputs.given).toEqual({ prediction: 'first_labels', initial: 'initial' });
  });
});
