/** The train block: what is read, for how long, and which optimiser moves which parameters. */
import { didYouMean, suggestions } from '../diagnostics/suggest.ts';
import type { EpochSpan, OptimizerPlan, SchedulePlan, ValidationPlan } from '../ir/program.ts';
import type { Node } from '../ops/graph.ts';
import type { Span } from '../source/source.ts';
import type { SettingItem, TrainBlock } from '../syntax/ast.ts';
import { type CheckedData, readData } from './data/block.ts';
import { checkOneSize } from './data/sizes.ts';
import type { Elaboration } from './elaboration.ts';
import type { Scope } from './scope.ts';
import { freezeSpan, frozenKeys, readGroups } from './training/groups.ts';
import { checkEpochs } from './training/losses.ts';
import { settingNumber } from './training/numbers.ts';
import { readOptimizer, readSchedule } from './training/rules.ts';

export interface CheckedTrain extends CheckedData {
  readonly validate?: readonly ValidationPlan[];
  readonly epochs: number | undefined;
  readonly steps: number | undefined;
  readonly batch: number;
  /** Batches whose gradients make one step. */
  readonly accumulate?: number;
  readonly optimizer: OptimizerPlan;
  readonly schedule: SchedulePlan;
  /** Keys of parameters that never change. */
  readonly frozen: ReadonlySet<string>;
  /** Keys of parameters that do not change in some epochs. */
  readonly freezing: ReadonlyMap<string, readonly EpochSpan[]>;
  readonly span: Span;
}

export const SETTINGS = ['epochs', 'steps', 'batch', 'optimizer', 'schedule', 'warmup', 'clip', 'accumulate'] as const;
export function readTrain(
  E: Elaboration,
  block: TrainBlock,
  method: string,
  scope: Scope,
  inputs: readonly Node[],
  supervision: readonly string[],
  /** False where the forward pass has a mistake: layers may lack the parameters that they would have. */
  sound = true,
): CheckedTrain | undefined {
  const settings = new Map<string, SettingItem>();
  /** What misspelt settings may have meant: these are not also missing. */
  const meant = new Set<string>();
  for (const item of block.items) {
    if (item.kind !== 'setting') continue;
    const name = item.name.text;
    if (!SETTINGS.includes(name as (typeof SETTINGS)[number])) {
      for (const near of suggestions(name, SETTINGS)) meant.add(near);
      E.report(
        'unknown-setting',
        item.name.span,
        { block: 'train', name },
        { hint: didYouMean(name, SETTINGS) ?? `settings: ${SETTINGS.join(', ')}` },
      );
    } else if (settings.has(name)) E.report('duplicate-setting', item.name.span, { name });
    else settings.set(name, item);
  }
  const data = readData(E, block, method, scope, inputs, supervision);
  if (!data)
    E.report(
      'missing-setting',
      block.span,
      { block: 'train', name: 'data' },
      { hint: 'data voc.train { image = source |> normalize(imagenet) }' },
    );
  const epochs = settingNumber(E, settings.get('epochs'), 'count', scope);
  const steps = settingNumber(E, settings.get('steps'), 'count', scope);
  const batch = settingNumber(E, settings.get('batch'), 'count', scope);
  // A misspelt setting is one mistake, not also a missing one.
  const misspelt = block.items.some((item) => item.kind === 'setting' && !(SETTINGS as readonly string[]).includes(item.name.text));
  if (!misspelt && !settings.has('epochs') && !settings.has('steps'))
    E.report('missing-setting', block.span, { block: 'train', name: 'epochs (or steps)' });
  if (!settings.has('batch') && !meant.has('batch')) E.report('missing-setting', block.span, { block: 'train', name: 'batch' });
  if (data && batch !== undefined) {
    const written = block.items.flatMap((item) => (item.kind === 'data' || item.kind === 'pair' ? item.views : []));
    checkOneSize(E, data.views, data.bindings, written, batch);
  }
  checkEpochs(E, epochs);
  const accumulate = settingNumber(E, settings.get('accumulate'), 'count', scope);
  const optimizer = settings.get('optimizer');
  if (!optimizer && !meant.has('optimizer'))
    E.report(
      'missing-setting',
      block.span,
      { block: 'train', name: 'optimizer' },
      { hint: 'optimizer sgd(lr: 0.1, momentum: 0.9, weight_decay: 1e-4)' },
    );
  const base = optimizer && readOptimizer(E, optimizer.value, scope);
  const frozen = new Set<string>();
  const freezing = new Map<string, readonly EpochSpan[]>();
  for (const item of block.items) {
    if (item.kind !== 'freeze') continue;
    const span = freezeSpan(E, item, epochs, scope);
    for (const key of frozenKeys(E, item, scope)) {
      if (span === undefined) frozen.add(key);
      else freezing.set(key, [...(freezing.get(key) ?? []), span]);
    }
  }
  for (const key of frozen) freezing.delete(key);
  const parameters = [...E.session.states.values()].filter((s) => s.role === 'parameter' && !frozen.has(s.key));
  const schedule = readSchedule(E, settings.get('schedule'), settings.get('warmup'), scope);
  const groups = base ? readGroups(E, block, { base, schedule }, parameters, scope, sound) : [];
  if (!data || batch === undefined || !base) return undefined;
  return {
    ...data,
    epochs,
    steps,
    batch,
    ...(accumulate === undefined || accumulate === 1 ? {} : { accumulate }),
    optimizer: { clipNorm: settingNumber(E, settings.get('clip'), 'positive', scope), groups },
    schedule,
    frozen,
    freezing,
    span: block.span,
  };
}
