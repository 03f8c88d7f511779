import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { BlockItem, MethodMember, PipelineItem } from '../../../compiler/syntax/ast.ts';
import { codes, parsed, show, statements } from './helpers.ts';

const file = parsed(readFileSync(new URL('./whole-language.wsss', import.meta.url), 'utf8'));
const method = file.declarations[0];
const members: readonly MethodMember[] = method?.kind === 'method' ? method.members : [];

function only<K extends MethodMember['kind']>(kind: K): Extract<MethodMember, { kind: K }> {
  const found = members.find((m): m is Extract<MethodMember, { kind: K }> => m.kind === kind);
  if (!found) throw new Error(`no ${kind}`);
  return found;
}

/** Kinds and names of a block, nested blocks in brackets. */
function outline(body: readonly BlockItem[]): string {
  return body
    .map((item): string => {
      switch (item.kind) {
        case 'assignment':
          return `${item.name.text} = ${show(item.value)}`;
        case 'no_grad':
          return `no_grad [${outline(item.body)}]`;
        case 'iterate':
          return `iterate [${outline(item.body)}]`;
        case 'if':
          return [
            ...item.branches.map((b) => `if ${show(b.condition)} [${outline(b.body)}]`),
            item.otherwise && `else [${outline(item.otherwise)}]`,
          ]
            .filter((part) => part)
            .join(' ');
        case 'let':
          return `let ${item.names.map((n) => n.text).join(', ')}`;
        default:
          return item.kind;
      }
    })
    .join('; ');
}

describe('blocks of statements', () => {
  test('no_grad, iterate and if nest, and hold assignments in order', () => {
    expect(outline([only('no_grad')])).toBe('no_grad [let soft; let hard]');
    const iterate = only('iterate');
    expect(iterate.carried.map((c) => `${c.name.text} ${show(c.value)}`)).toEqual(['m cam', 's soft']);
    expect(show(iterate.times)).toBe('(2 * 5)');
    expect(outline(iterate.body)).toBe('let w; if deep [m = smooth(m, w)] if (not deep) [m = w] else [m = cam]; no_grad [let t]; s = t');
    expect(outline([only('if')])).toBe('if deep [layer; loss] else [loss]');
  });

  test('a name is set only inside a block of its own', () => {
    expect(codes('module m(x: float) -> float {\n  x = 3\n  return x\n}')).toEqual(['unexpected-input']);
  });
});

describe('members of a method', () => {
  test('a module among the members has docs, an origin and a record for its result', () => {
    const module = only('module');
    expect([module.name.text, module.doc, module.origin, module.returns?.kind]).toEqual([
      'view',
      'What one view gives.',
      'code',
      'record_type',
    ]);
    const shadow = only('shadow');
    expect([shadow.name.text, show(shadow.value), shadow.doc, shadow.origin]).toEqual([
      'teacher',
      'ema(net, 0.996)',
      'An average of the student.',
      'paper',
    ]);
  });

  test('a pattern takes fields by name', () => {
    const pattern = only('let');
    expect(pattern.names.map((n, i) => [pattern.fields?.[i].text, n.text])).toEqual([
      ['cam', 'cam'],
      ['deep', 'features'],
    ]);
  });

  test('clauses of a loss stand in any order, each once', () => {
    const losses = members.filter((m) => m.kind === 'loss');
    expect(
      losses.map((l) => [l.name.text, ...[l.weight, l.fromEpoch, l.untilEpoch, l.when].map((e) => e && show(e)), l.off?.text]),
    ).toEqual([
      ['cls', 'ramp(0, 0.1, from: 5, to: 8)', '7', '12', 'any(s)', 'untouched'],
      ['aux', '2', '1', '3', 'any(m)', 'zero'],
    ]);
    expect(codes('method m { loss a off zero off zero until epoch 2 until epoch 3 = 1 }')).toEqual([
      'duplicate-setting',
      'duplicate-setting',
    ]);
  });

  test('what a train block holds', () => {
    const items = only('train').items;
    expect(items.map((i) => (i.kind === 'setting' ? i.name.text : i.kind))).toEqual([
      'data',
      'pair',
      'validate',
      'accumulate',
      'epochs',
      'batch',
      'group',
      'freeze',
    ]);
    const pair = items.find((i) => i.kind === 'pair');
    expect([pair?.name.text, pair && show(pair.draw), pair?.views.map((v) => v.names.map((n) => n.text))]).toEqual([
      'other',
      'draw(class: uniform, self: allowed, from: union(voc.train_aug, extra.train))',
      [['image']],
    ]);
    const validate = items.find((i) => i.kind === 'validate');
    expect(validate?.every && [show(validate.every.count), validate.every.unit.text]).toEqual(['500', 'steps']);
    expect([validate?.on && show(validate.on), validate?.program?.text, validate?.keep?.map(show)]).toEqual([
      'voc.val',
      'predict',
      ['best(miou)', 'last'],
    ]);
    expect(codes('method m { train { validate every 2 epochs every 3 epochs on a on b } }')).toEqual([
      'duplicate-setting',
      'duplicate-setting',
    ]);
  });

  test('rounds of a pipeline nest', () => {
    const show = (items: readonly (PipelineItem | BlockItem)[]): string =>
      items
        .map((i) =>
          i.kind === 'rounds' ? `rounds ${i.carried.map((c) => c.name.text)} [${show(i.body)}]` : 'name' in i ? i.name.text : i.kind,
        )
        .join(' ');
    expect(show(only('pipeline').items)).toBe('seeds rounds labels,spare [net labels rounds inner [inner] spare]');
  });
});

test('a grid, and the type of several results', () => {
  const grid = file.declarations.find((d) => d.kind === 'grid');
  expect([grid?.name.text, grid?.of.text, grid?.axes.map((a) => `${a.name.text} ${show(a.values)}`)]).toEqual([
    'backgrounds',
    'student',
    ['deep [true, false]', 'background [0.3, 0.5]', 'rate [0.1]'],
  ]);
  const both = file.declarations.find((d) => d.kind === 'module');
  expect(both?.returns?.kind === 'tuple_type' && both.returns.items.map((t) => t.kind)).toEqual([
    'named_type',
    'named_type',
    'record_type',
  ]);
});

test('a body of an infer program holds what other bodies hold', () => {
  expect(outline(only('infer').body)).toBe('let cam; iterate [m = (m * 2)]; if deep [let z] else [let z]; return');
  expect(outline(statements('let x = 1\nif x > 0 { let a = 1 }\nreturn x'))).toBe('let x; if (x > 0) [let a]; return');
});
