import type { ScheduleJson, TrainEntry, WeightRamp } from '../program.ts';

/**
 * Factor on every group's rate at step `t` (from 0) of `total`. Past the end the last value stays.
 *
 * - `poly`: (1 - t/total)^power, recomputed only when the number of finished steps is a multiple of `every` (1: each step). At t >= total the
 *   value of the last step inside stays, as in IRN's PolyOptimizer (fixture optimizers/poly_irn_past_end).
 * - `cosine`: final + (1 - final) * (1 + cos(pi * t/total)) / 2.
 * - `steps`: `factor` to the power of the number of entries of `at` that are reached; entries up to 1 are shares of all steps.
 * - `warmup`: a linear rise over the first share of all steps (a number of steps when above 1); step t of W has (t + 1)/W. Poly, cosine and
 *   steps then run over what remains.
 */
export function factor(schedule: ScheduleJson, t: number, total: number): number {
  const warm = Math.round(schedule.warmup > 1 ? schedule.warmup : schedule.warmup * total);
  if (t < warm) return (t + 1) / warm;
  const span = Math.max(1, total - warm);
  const at = Math.min(t - warm, span - 1);
  const { shape } = schedule;
  switch (shape.kind) {
    case 'constant':
      return 1;
    case 'poly':
      return (1 - (at - (at % shape.every)) / span) ** shape.power;
    case 'cosine':
      return shape.final + ((1 - shape.final) * (1 + Math.cos((Math.PI * at) / span))) / 2;
    case 'steps':
      return shape.factor ** shape.at.filter((point) => Math.min(t, total - 1) >= stepAt(point, total)).length;
    default:
      return unreachable(shape);
  }
}

/** The step at which a share of all steps is reached; a product such as 10 / 11 * 11 may come out a little above the whole number that is meant. */
function stepAt(point: number, total: number): number {
  return point <= 1 ? Math.round(point * total * 1e6) / 1e6 : point;
}

/** Scalars `lr.<group>` of the update graph at step `t` (from 0) of `total`. */
export function groupRates(train: Pick<TrainEntry, 'groups' | 'schedule'>, t: number, total: number): Readonly<Record<string, number>> {
  return Object.fromEntries(
    train.groups.map(({ name, rate, schedule = train.schedule }) => [`lr.${name}`, rate * factor(schedule, t, total)]),
  );
}

/** Scalars `weight.<loss>` of the gradients graphs after `epochs` epochs, a fraction within one. */
export function lossScalars({ losses }: Pick<TrainEntry, 'losses'>, epochs: number): Readonly<Record<string, number>> {
  return Object.fromEntries(
    losses.flatMap(({ name, weight }) => (typeof weight === 'number' ? [] : [[`weight.${name}`, ramp(weight, epochs)] as const])),
  );
}

function ramp({ from, to, fromEpoch, toEpoch }: WeightRamp, epochs: number): number {
  const way = Math.min(1, Math.max(0, (epochs - fromEpoch) / (toEpoch - fromEpoch)));
  return from + (to - from) * way;
}

function unreachable(value: never): never {
  throw new Error(`not a schedule: ${JSON.stringify(value)}`);
}
