/** Mistakes of a kind that one place tells: where it is told, what is shown beside it, and what is not told as well. */
import { describe, expect, test } from 'vitest';
import { applyFixes } from '../../../compiler/diagnostics/apply.ts';
import { renderAll } from '../../../compiler/diagnostics/render.ts';
import { checkSpec, methodAround } from './checking.ts';

const MAPS = 'layer classify = conv(K, kernel: 1)\n  let x = net(image)\n  cam maps = classify(x.layer4)';
const LOSS = 'loss cls = soft_margin(gap(maps), tags)';
const sound = methodAround(`  ${MAPS}\n  ${LOSS}`);

/** `code: line` of what is told, without what only nothing-uses-it would say. */
function told(text: string): readonly string[] {
  const { diagnostics } = checkSpec('m.wsss', text);
  return diagnostics.toJson().map((d) => `${d.code}: ${text.split('\n')[d.place.start.line - 1].trim()}`);
}

const changed = (from: string, to: string): string => {
  expect(sound).toContain(from);
  return sound.replace(from, to);
};

test('the frame is sound', () => expect(told(sound)).toEqual([]));

describe('one message', () => {
  test('a type that nothing is near to: told with the types there are', () => {
    const { diagnostics } = checkSpec('m.wsss', changed('tags: Tags[N, K]', 'tags: Zzzzzzz[N, K]'));
    expect(diagnostics.all[0].code).toBe('unknown-type');
    expect(diagnostics.all[0].hint).toContain('Tokens');
  });

  test('a network made by let is told there, with its call, and declared by the fix', () => {
    const text = changed('backbone net = small_residual()', 'let net = small_residual()');
    expect(told(text)).toEqual(['not-configured: let net = small_residual()']);
    const { diagnostics } = checkSpec('m.wsss', text);
    expect(diagnostics.all[0].labels.map((l) => l.text)).toEqual(['called here']);
    expect(told(fixed(text))).toEqual([]);
  });

  test('a misspelt rate is not also a missing one', () => {
    expect(told(changed('sgd(lr: 0.1)', 'adam(l: 0.1)'))).toEqual(['unknown-argument: optimizer adam(l: 0.1)']);
    expect(told(changed('sgd(lr: 0.1)', 'adam(rats: 0.1)'))).toEqual(['unknown-argument: optimizer adam(rats: 0.1)']);
  });

  test('what a program reads of the training step is told in the program', () => {
    const infer = 'infer seeds(photo: Image[1, h0, w0, 3]) -> Cam {\n    return relu(maps)\n  }';
    const text = changed('train {', `${infer}\n  train {`);
    expect(told(text)).toEqual(['training-input: return relu(maps)']);
    const { diagnostics } = checkSpec('m.wsss', text);
    expect(diagnostics.all[0].labels.map((l) => l.text)).toEqual(["'maps' is computed from 'image' here"]);
  });

  test.each(['keep best(accuracy)', 'with seeds keep best(miou)'])('%s: the stage does not say that nothing is kept', (keep) => {
    const text = changed('optimizer', `validate every 1 epochs on voc.val ${keep}\n    optimizer`).replace(
      /\n}\n/,
      '\n  pipeline {\n    stage trained = train(this, on: voc.train, checkpoint: best)\n  }\n}\n',
    );
    expect(told(text).length).toBeGreaterThan(0);
    expect(told(text).join()).not.toContain('no-best-checkpoint');
  });
});

describe('what would silently do nothing', () => {
  test('a field twice', () => {
    const text = changed(LOSS, `let r = { a: maps, a: maps }\n  ${LOSS.replace('maps', 'r.a')}`);
    expect(told(text)).toEqual(['set-twice: let r = { a: maps, a: maps }']);
  });

  test('an argument of a stage twice', () => {
    const stage = 'stage trained = train(this, on: voc.train, on: voc.train)';
    expect(told(changed('train {', `pipeline { ${stage} }\n  train {`))).toEqual([`duplicate-argument: pipeline { ${stage} }`]);
  });

  test('a state that is changed twice, or never', () => {
    const state = 'state s: Tensor[1] = zeros\n  watch kept = mean(s)';
    expect(told(changed(LOSS, `${LOSS}\n  ${state}`))).toEqual(['state-unchanged: state s: Tensor[1] = zeros']);
    const stepped = (changes: string): string => changed(LOSS, `${LOSS}\n  ${state}\n  after step {\n    ${changes}\n  }`);
    expect(told(stepped('s = 0.9 * s'))).toEqual([]);
    expect(told(stepped('s = 0.9 * s\n    s = s + 1'))).toEqual(['set-twice: s = s + 1']);
  });

  test('a multiple of the rate without its x', () => {
    const text = changed('optimizer', 'group classify: lr 10\n    optimizer');
    expect(told(text)).toEqual(['large-rate: group classify: lr 10']);
    expect(fixed(text)).toContain('group classify: lr x10\n');
  });
});

describe('what is shown beside', () => {
  test('a setting that is no number, where it is used as one', () => {
    const text = changed(LOSS, `hyper agreement = "half"\n  ${LOSS} * agreement`);
    const { diagnostics } = checkSpec('m.wsss', text);
    expect(diagnostics.all).toHaveLength(1);
    expect(renderAll(diagnostics.all)).toContain('it is the text "half" here');
  });

  test('a range that runs downwards', () => {
    const { diagnostics } = checkSpec('m.wsss', changed('source |>', 'source |> long_side(288..160) |>'));
    expect(diagnostics.all.map((d) => d.message).join()).toContain('288..160, which runs downwards');
  });

  test('the value that hides an operator', () => {
    const text = changed(LOSS, `let relu = x.layer4\n  watch size = mean(relu(maps))\n  ${LOSS}`);
    const { diagnostics } = checkSpec('m.wsss', text);
    expect(diagnostics.all.map((d) => [d.code, d.labels.map((l) => l.text)])).toEqual([['not-callable', ['this relu hides the operator']]]);
  });
});

function fixed(text: string): string {
  const { diagnostics } = checkSpec('m.wsss', text);
  return applyFixes(diagnostics.all).texts.get('m.wsss') ?? text;
}

test.each([
  ['conv(K, kernel: 1)', 'conv(K, kernel_size: 1)'],
  ['Image[N, H, W, 3]', 'Image[N, 3, H, W]'],
  ['loss cls', 'loss cls from 0', 'loss cls from epoch 0'],
])('%s is what the fix writes for %s', (right, wrong, written = right) => {
  expect(fixed(changed(right, wrong))).toBe(sound.replace(right, written));
});

test('no control character of a file reaches a terminal', () => {
  const { diagnostics } = checkSpec('m.wsss', `${sound}\u001b[31m \u202e \u009b`);
  const shown = renderAll(diagnostics.all);
  expect(diagnostics.hasErrors).toBe(true);
  expect([...shown].filter((c) => c !== '\n' && /[\p{Cc}\u202e]/u.test(c))).toEqual([]);
});
