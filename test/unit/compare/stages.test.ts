/** Cases that run inference programs and stages of pipelines. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Changeable, compareJson, Workplace } from './reference-files.ts';

let place: Workplace;
beforeEach(() => {
  place = new Workplace();
});
afterEach(() => place.close());

type Name = readonly [method: string, name: string];
const IRN: Name = ['irn', 'ir_label'];
const WALK: Name = ['sipe', 'pseudo_label_random_walk'];
const EXPORT: Name = ['irn', 'make_cam'];

/** Adds what no tolerance of the references allows to the last value of a tensor. */
const tampered =
  (key: string) =>
  (tensors: Map<string, Changeable>): void => {
    const data = tensors.get(key)?.data;
    if (!data) throw new Error(`the reference has no ${key}`);
    const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    data[data.length - 1] += largest + 1;
  };

describe('every result of a stage is held against the file', () => {
  test.each<[Name, string]>([
    [IRN, 'out.fg_argmax'],
    [IRN, 'out.bg_q'],
    [IRN, 'out.fg_crf'],
    [IRN, 'out.ir_label'],
    [WALK, 'out.cam_stride4'],
    [WALK, 'out.affinity'],
    [WALK, 'out.transition'],
    [WALK, 'out.rw'],
    [WALK, 'out.pseudo_label'],
    [EXPORT, 'out.map_scale_0.5'],
    [EXPORT, 'out.keys'],
    [EXPORT, 'out.cam'],
    [EXPORT, 'out.high_res'],
    [EXPORT, 'out.label_bg_0.15'],
  ])('%s %s', async (name, key) => {
    const { code, failing } = await compareJson(place.case(...name), place.reference(...name, tampered(key)));
    expect([code, failing]).toEqual([1, [key]]);
  });

  test('an input of a stage shows in what comes of it', async () => {
    const { failing } = await compareJson(place.case(...WALK), place.reference(...WALK, tampered('in.edge')));
    expect(failing).toContain('out.affinity');
  });

  test('the file knows which classes are there: others are neither saved nor compared', async () => {
    const path = place.reference(...EXPORT, (tensors) => tensors.get('in.labels')?.data.fill(0));
    const { code, failing, json } = await compareJson(place.case(...EXPORT), path);
    expect(code).toBe(1);
    // The maps of the scales hold all classes.
    expect(failing).toEqual(expect.arrayContaining(['out.keys', 'out.cam', 'out.high_res']));
    expect(failing).not.toContain('out.map_scale_1.0');
    expect(json.built[0].rows.find(({ key }) => key === 'out.keys')?.note).toMatch(/has the shape \[0\]/);
  });
});

describe('mistakes in a case', () => {
  test.each<[string, Name, string, string, string]>([
    ['no such stage', IRN, 'ir_label({', 'ir_labels({', 'unknown-stage-kind'],
    ['an argument that the stage has not', IRN, 'foreground:', 'front:', 'unknown-argument'],
    ['no such result', IRN, 'label.foreground.refined', 'label.foreground.crf', 'unknown-member'],
    ['maps without labels', IRN, ', keys: plain("keys") }', ' }', 'static-type'],
    ['a key that the file has not', IRN, 'plain("high_res")', 'plain("highres")', 'case-unknown-key'],
    ['a value of a stage as a loss', IRN, 'out "fg_q" =', 'loss "fg_q" =', 'type-mismatch'],
    ['two results for one key', IRN, 'out "bg_crf" =', 'out "fg_crf" =', 'case-duplicate-key'],
    ['a CRF without its image', IRN, ' image: plain("image"),', '', 'missing-argument'],
    ['a walk without a boundary', WALK, 'boundary: plain("edge"), ', '', 'missing-argument'],
    ['no such program', EXPORT, 'infer(m, seeds,', 'infer(m, seed,', 'unknown-program'],
    ['no method', EXPORT, 'infer(m, seeds,', 'infer(m.net, seeds,', 'case-no-run'],
    ['fewer photos than the program makes', EXPORT, ', chw("x_scale_2.0")]', ']', 'missing-argument'],
    ['a photo that is no tensor', EXPORT, '[chw("x_scale_1.0"), ', '[1.0, ', 'static-type'],
    ['a stage that makes no maps', EXPORT, 'masks(seeds,', 'masks(m,', 'static-type'],
    ['tags that are none', EXPORT, 'present(chw(seeds.e.cam), k("labels"))', 'present(chw(seeds.e.cam), 3)', 'static-type'],
  ])('%s', async (_, name, right, wrong, code) => {
    const text = place.case(...name, (t) => {
      expect(t).toContain(right);
      return t.replace(right, wrong);
    });
    const { code: exit, json } = await compareJson(text, place.reference(...name));
    expect(exit).toBe(1);
    expect(json.diagnostics?.map((d) => d.code)).toContain(code);
  });

  test('more photos than the program makes', async () => {
    const text = place.case(...EXPORT, (t) => t.replace('scales: hyperparameters.scales', 'scales: [1.0]'));
    const { code, json } = await compareJson(text, place.reference(...EXPORT));
    expect(code).toBe(1);
    expect(json.diagnostics?.map((d) => d.code)).toContain('too-many-arguments');
  });
});

test('maps whose labels are not as many', async () => {
  const path = place.reference(...WALK, (tensors, description) => {
    const keys = tensors.get('in.keys')?.data ?? [];
    tensors.set('in.keys', { shape: [keys.length + 1], data: Float32Array.of(...keys, 99) });
    delete description.tensors;
  });
  const { code, json } = await compareJson(place.case(...WALK), path);
  expect([code, json.error?.code]).toEqual([1, 'case-shape']);
});
