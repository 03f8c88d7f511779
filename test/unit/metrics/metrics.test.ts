import { describe, expect, it } from 'vitest';
import { addToSweep, createSweep, mergeSweep, sweepScores, thresholdByActivation } from '../../../runtime/metrics/background-sweep.ts';
import { allBackground, bestConstantClass, tagsOnlyMask } from '../../../runtime/metrics/baselines.ts';
import { averagePrecision, classificationScores } from '../../../runtime/metrics/classification.ts';
import { addToConfusion, type Confusion, coverage, createConfusion, mergeConfusion } from '../../../runtime/metrics/confusion.ts';
import { allClassScores, errorRates, iouPerClass, meanIou, precisionAndRecall, segmentationScores } from '../../../runtime/metrics/iou.ts';
import { excess, type Fixture, fixture } from '../../fixture.ts';
import { numberOf, numbersOf } from '../refine/kernels.ts';

function check(given: Fixture, name: string, values: ArrayLike<number>): void {
  expect(excess(values, given.get(name), given.json.tolerance.out), name).toBe(0);
}

/** The reference stores a class without pixels as -1. */
const absent = (values: Float64Array): number[] => Array.from(values, (v) => (Number.isNaN(v) ? -1 : v));
const percent = (values: Float64Array): number[] => Array.from(values, (v) => 100 * v);

describe('confusion and IoU', () => {
  const given = fixture('metrics', 'confusion_and_iou');
  const groundTruth = given.get('in.gt');
  const prediction = given.get('in.pred');
  const classes = numberOf(given.json, 'classes');
  const ignore = numberOf(given.json, 'ignore');
  const [images] = groundTruth.shape;
  const pixels = groundTruth.data.length / images;
  const image = (data: Float32Array, i: number) => data.subarray(i * pixels, (i + 1) * pixels);

  function counted(from = 0, to = images): Confusion {
    const confusion = createConfusion(classes, 'background', ignore);
    for (let i = from; i < to; i++) addToConfusion(confusion, image(groundTruth.data, i), image(prediction.data, i));
    return confusion;
  }

  it('counts over all images, and workers add up', () => {
    expect([...counted().counts]).toEqual([...given.get('out.confusion').data]);
    const total = counted(0, 1);
    mergeConfusion(total, counted(1));
    expect(total).toEqual(counted());
  });

  it('IRN', () => {
    const rates = errorRates(counted());
    check(given, 'out.iou', absent(iouPerClass(counted())));
    check(given, 'out.miou_nan_ignored', [meanIou(counted())]);
    check(given, 'out.fp_rate', absent(rates.falsePositive));
    check(given, 'out.fn_rate', absent(rates.falseNegative));
    check(given, 'out.fp_rate_mean_fg', [rates.falsePositiveMean]);
    check(given, 'out.fn_rate_mean_fg', [rates.falseNegativeMean]);
  });

  it('deeplab-pytorch', () => {
    const scores = segmentationScores(counted());
    check(given, 'out.dl_pixel_accuracy', [scores.pixelAccuracy]);
    check(given, 'out.dl_mean_accuracy', [scores.meanAccuracy]);
    check(given, 'out.dl_freq_weighted_iou', [scores.frequencyWeightedIou]);
    check(given, 'out.dl_mean_iou', [scores.meanIou]);
  });

  it('CCAM', () => {
    const scores = allClassScores(counted());
    check(given, 'out.cc_iou_percent', percent(scores.iou));
    check(given, 'out.cc_miou_percent', [100 * scores.meanIou]);
    check(given, 'out.cc_fp_all', [scores.overActivation]);
    check(given, 'out.cc_fn_all', [scores.underActivation]);
    check(given, 'out.cc_miou_foreground', [scores.meanIouForeground]);
    check(given, 'out.cc_t_over_tp_class', scores.truthOverHits);
  });

  it('WS-FCN', () => {
    const scores = precisionAndRecall(counted());
    check(given, 'out.ws_precision_percent', percent(scores.precision));
    check(given, 'out.ws_recall_percent', percent(scores.recall));
    check(given, 'out.ws_pixel_accuracy_percent', [100 * scores.pixelAccuracy]);
  });

  it('predicted 255 is background or left out with its coverage, never both', () => {
    const asBackground = createConfusion(2);
    const leftOut = createConfusion(2, 'exclude');
    for (const confusion of [asBackground, leftOut]) addToConfusion(confusion, [0, 1, 1, 1, 255], [255, 255, 1, 0, 255]);
    expect([...asBackground.counts]).toEqual([1, 0, 2, 1]);
    expect(coverage(asBackground)).toBe(1);
    expect([...leftOut.counts]).toEqual([0, 0, 1, 1]);
    expect([...leftOut.excluded]).toEqual([1, 1]);
    expect(coverage(leftOut)).toBe(0.5);
    expect(() => mergeConfusion(asBackground, leftOut)).toThrow(/'background' against 2 with 255 as 'exclude'/);
    expect(() => mergeConfusion(asBackground, createConfusion(2, 'background', 9))).toThrow(/predicted 255/);
    expect(() => createConfusion(2, 'background', 1)).toThrow(/ignored label 1, expected a whole number outside 0 to 1/);
  });

  it('says which label does not fit, and adds nothing', () => {
    const confusion = createConfusion(3);
    expect(() => addToConfusion(confusion, [0, 1], [0, 3])).toThrow(/prediction holds 3 at pixel 1; expected a class from 0 to 2, or 255/);
    expect(() => addToConfusion(confusion, [0, 254], [0, 0])).toThrow(/ground truth holds 254 at pixel 1/);
    expect(() => addToConfusion(confusion, [0, 1], [0])).toThrow(/prediction of 1 pixels, ground truth of 2/);
    expect(confusion.counts.every((n) => n === 0)).toBe(true);
  });

  it('counts past 2^31', () => {
    const part = createConfusion(1);
    part.counts[0] = 2 ** 40;
    const total = createConfusion(1);
    mergeConfusion(total, part);
    addToConfusion(total, [0], [0]);
    expect(total.counts[0]).toBe(2 ** 40 + 1);
  });
});

describe('background sweep', () => {
  const given = fixture('metrics', 'cam_background_sweep');
  const cams = given.get('in.cams');
  const keys = given.get('in.keys');
  const groundTruth = given.get('in.gt');
  const thresholds = numbersOf(given.json, 'thresholds');
  const classes = given.get('out.iou').shape[1];
  const [images, slots] = cams.shape;
  const pixels = groundTruth.data.length / images;

  function swept(from = 0, to = images) {
    const sweep = createSweep(thresholds, classes);
    for (let i = from; i < to; i++) {
      addToSweep(
        sweep,
        cams.data.subarray(i * slots * pixels, (i + 1) * slots * pixels),
        keys.data.subarray(i * slots, (i + 1) * slots),
        groundTruth.data.subarray(i * pixels, (i + 1) * pixels),
      );
    }
    return sweep;
  }

  it('every threshold as in the reference', () => {
    const scores = sweepScores(swept());
    check(given, 'out.thresholds', scores.thresholds);
    check(
      given,
      'out.iou',
      scores.confusions.flatMap((c) => [...allClassScores(c).iou]),
    );
    check(
      given,
      'out.miou_percent',
      scores.meanIouAllClasses.map((v) => 100 * v),
    );
    check(given, 'out.miou_present_classes', scores.meanIou);
    check(given, 'out.fp_all', scores.overActivation);
    check(given, 'out.fn_all', scores.underActivation);
    expect(scores.best).toBe(given.get('out.best_index').data[0]);
    expect(thresholdByActivation(scores, numberOf(given.json, 'over'))).toBe(given.get('out.over_index').data[0]);
    expect(thresholdByActivation(scores, numberOf(given.json, 'under'))).toBe(given.get('out.under_index').data[0]);
  });

  it('is the same as predicting and counting at each threshold, in parts or whole', () => {
    const scores = sweepScores(swept());
    const parts = swept(0, 1);
    mergeSweep(parts, swept(1));
    expect(parts).toEqual(swept());
    thresholds.forEach((threshold, k) => {
      const confusion = createConfusion(classes);
      for (let i = 0; i < images; i++) {
        const predicted = Array.from({ length: pixels }, (_, p) => {
          const values = [Math.fround(threshold), ...Array.from({ length: slots }, (_, s) => cams.data[(i * slots + s) * pixels + p])];
          return [0, ...keys.data.subarray(i * slots, (i + 1) * slots)][values.indexOf(Math.max(...values))];
        });
        addToConfusion(confusion, groundTruth.data.subarray(i * pixels, (i + 1) * pixels), predicted);
      }
      expect(scores.confusions[k].counts).toEqual(confusion.counts);
    });
  });

  it('background wins a tie, the first channel among equal cams', () => {
    const sweep = createSweep([0.25, 0.5], 4);
    addToSweep(sweep, Float32Array.from([0.5, 0.5]), [3, 1], [3]);
    const [low, high] = sweepScores(sweep).confusions;
    expect(low.counts[3 * 4 + 3]).toBe(1);
    expect(high.counts[3 * 4 + 0]).toBe(1);
  });

  it('refuses what does not fit', () => {
    expect(() => createSweep([0.2, 0.1], 3)).toThrow(/must ascend/);
    expect(() => addToSweep(createSweep([0.2], 3), new Float32Array(2), [3], [0, 0])).toThrow(/channel 0 has class 3, expected 1 to 2/);
  });
});

describe('classification', () => {
  it('average precision by hand', () => {
    // Ranking + - + -: precision 1 at the first hit, 2/3 at the second.
    expect(averagePrecision([4, 3, 2, 1], [1, 0, 1, 0])).toBeCloseTo((1 + 2 / 3) / 2, 12);
    // Precision 1/2 at the first hit is lifted to 2/3 by the second.
    expect(averagePrecision([4, 3, 2, 1], [0, 1, 1, 0])).toBeCloseTo(2 / 3, 12);
    expect(averagePrecision([1, 1, 1, 1], [0, 1, 0, 0])).toBe(0.25);
    expect(averagePrecision([1, 2], [0, 0])).toBeNaN();
  });

  it('means over classes with positives, label accuracy, exact match and F1', () => {
    const found = classificationScores([2, -1, -1, -2, 1, -1], [1, 0, 0, 1, 0, 1], 3, 0);
    expect(found.averagePrecision[0]).toBe(1);
    expect(found.averagePrecision[1]).toBeNaN();
    expect(found.meanAveragePrecision).toBeCloseTo(0.75, 12);
    expect(found.labelAccuracy).toBe(0.5);
    expect(found.exactMatch).toBe(0.5);
    expect(found.f1).toBeCloseTo(2 / (2 + 3), 12);
  });
});

describe('trivial baselines', () => {
  it('all background and the best constant class', () => {
    // Background 60 of 100 pixels and two classes: IoU .6, 0, 0.
    expect(allBackground([60, 10, 30])).toBeCloseTo(0.2, 12);
    expect(bestConstantClass([60, 10, 30])).toEqual({ label: 2, meanIou: 0.3 / 3 });
  });

  it('a mask from tags alone', () => {
    expect([...tagsOnlyMask([5, 7], 4, 4, 0.25)]).toEqual([0, 0, 0, 0, 0, 5, 7, 0, 0, 5, 7, 0, 0, 0, 0, 0]);
    expect([...tagsOnlyMask([], 2, 2, 1)]).toEqual([0, 0, 0, 0]);
    expect([...tagsOnlyMask([3], 2, 2, 1)]).toEqual([3, 3, 3, 3]);
  });
});
