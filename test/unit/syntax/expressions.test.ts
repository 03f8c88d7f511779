import { describe, expect, test } from 'vitest';
import { clauseWords, statementWords } from '../../../grammar/keywords.ts';
import { codes, expressionOf, parsed, show, statements } from './helpers.ts';

describe('precedence', () => {
  test.each([
    ['a + b * c', '(a + (b * c))'],
    ['a - b - c', '((a - b) - c)'],
    ['a / b * c', '((a / b) * c)'],
    ['-a ^ 2', '(- (a ^ 2))'],
    ['a ^ b ^ c', '(a ^ (b ^ c))'],
    ['2 ^ -1', '(2 ^ (- 1))'],
    ['-a * b', '((- a) * b)'],
    ['a - -b', '(a - (- b))'],
    ['a div b + 1', '((a // b) + 1)'],
    ['not a == b and c or d', '(((not (a == b)) and c) or d)'],
    ['a and not b', '(a and (not b))'],
    ['a | b & c', '(a | (b & c))'],
    ['a < b | c', '(a < (b | c))'],
    ['0..n + 1', '(0..(n + 1))'],
    ['a |> f(1) |> g', '((a |> f(1)) |> g)'],
    ['a or b |> f', '((a or b) |> f)'],
    ['c ? a : d ? b : e', '(c ? a : (d ? b : e))'],
    ['x |> f ? a : b', '((x |> f) ? a : b)'],
    ['x as cam * 2', '((x as cam) * 2)'],
    ['-x as cam', '(- (x as cam))'],
    ['f(x)[0].y as cam', '(f(x)[0].y as cam)'],
    ['x => y => x + y', '(x => (y => (x + y)))'],
    ['(a, b) => a ? b : 1', '(a, b => (a ? b : 1))'],
    ['() => 1', '( => 1)'],
    ['(a + b) * c', '((a + b) * c)'],
    ['(a, b)', 'tuple(a, b)'],
    ['(a)', 'a'],
    ['(a < b) == c', '((a < b) == c)'],
  ])('%s', (text, shown) => {
    expect(show(expressionOf(text))).toBe(shown);
  });
});

describe('forms', () => {
  test.each([
    ['.5 + 1e-4 + 2.5E3', '((0.5 + 0.0001) + 2500)'],
    ['[]', '[]'],
    ['[1, 2,]', '[1, 2]'],
    ['[conv(d, kernel: 1) for d in widths if d > 0]', '[conv(d, kernel: 1) for d in widths if (d > 0)]'],
    ['[f(a, b) for a, i in zip(x, y) for b in a]', '[f(a, b) for a, i in zip(x, y) for b in a]'],
    ['{ a: 1, b, }', '{a: 1, b: b}'],
    ['{}', '{}'],
    ['x[0]', 'x[0]'],
    ['x[h: 1.., w: 0..n, c: ..-1, ..]', 'x[h: (1..), w: (0..n), c: (..(- 1)), (..)]'],
    ['f(\n  a,\n  b: c\n  - d,\n)', 'f(a, b: (c - d))'],
    ['sgd(lr: 0.1 poly 0.9, momentum: 1e-4)', 'sgd(lr: poly(0.1, 0.9), momentum: 0.0001)'],
    ['"a\\n\\"b\\""', '"a\\n\\"b\\""'],
    ['[x[i] for i in 0..n]', '[x[i] for i in (0..n)]'],
    ['camera + index + notes', '((camera + index) + notes)'],
    ['a\n  + b\n  |> f(1)\n  .c', '((a + b) |> f(1).c)'],
  ])('%s', (text, shown) => {
    expect(show(expressionOf(text))).toBe(shown);
  });

  test('a whole number is told from a float', () => {
    expect(['16', '16.0', '1e3', '.5'].map((t) => expressionOf(t)).map((e) => e.kind === 'number' && e.integer)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  test('spans cover the text, brackets of the left side included', () => {
    const e = expressionOf('(a + b) * c');
    expect(e.span.file.text.slice(e.span.start, e.span.end)).toBe('(a + b) * c');
  });

  test('an unknown escape and a range without an end are errors outside an index', () => {
    expect(codes('module m() { return "\\q" }')).toEqual(['bad-escape']);
    expect(codes('module m() { return 1.. }')).toEqual(['expected-expression']);
  });
});

describe('line ends', () => {
  test('a call or an index starts on the line of its object', () => {
    expect(codes('module m() {\n  let a = f\n  (1)\n}')).toEqual(['unexpected-input']);
    expect(codes('module m() {\n  let a = f\n  [1]\n}')).toEqual(['unexpected-input']);
  });

  test('settings follow each other without separators', () => {
    expect(codes('method m { train {\n epochs 5, batch 16\n optimizer sgd(lr: 0.1)\n schedule cosine() } }')).toEqual([]);
  });

  test('a kind word and its name stand on one line', () => {
    const [a, b] = statements('let a = source\ncam view = f(a)\nreturn view');
    expect(a?.kind === 'let' && show(a.value)).toBe('source');
    expect(b?.kind === 'let' && b.word?.text).toBe('cam');
  });
});

describe('soft keywords', () => {
  const words = [...statementWords, ...clauseWords, 'x10', 'list'];

  test.each(words)('%s is a name where values stand', (w) => {
    expect(show(expressionOf(`a.${w} + f(${w}: 1) + ${w}[0] + { ${w}: 2 }.${w} + ${w}`))).toBe(
      `((((a.${w} + f(${w}: 1)) + ${w}[0]) + {${w}: 2}.${w}) + ${w})`,
    );
    expect(show(expressionOf(`[${w} for a, ${w} in ${w} if ${w}] |> ${w}`))).toBe(`([${w} for a, ${w} in ${w} if ${w}] |> ${w})`);
    expect(show(expressionOf(`${w} ? x[${w}: 0..${w}] : ${w} => ${w} as ${w}`))).toBe(
      `(${w} ? x[${w}: (0..${w})] : (${w} => (${w} as ${w})))`,
    );
    // `a div b` divides.
    if (w !== 'div') expect(show(expressionOf(`f(a ${w} 2, -${w}, not ${w}, (${w}, ${w}) => ${w})`))).toContain(`${w}(a, 2)`);
  });

  test.each(words)('%s is a name where names are declared', (w) => {
    const body = `let ${w} = 1\nhyper ${w} = 2\ncam ${w} = 3\nloss ${w} = ${w}\nlet ${w}, b = ${w}\nlet { ${w}, a as ${w} } = ${w}
      weight ${w}: Tensor[${w}] init ${w}\nstate ${w}: Tensor[C] = ${w}\nrandom ${w} ~ ${w}(like: x)\nlayer ${w} = ${w}\nwatch ${w} = ${w}
      loss ${w} weight f(${w}) from epoch ${w} until epoch ${w} when ${w} off ${w} = ${w}
      after step {\n${w} = ${w}\n}
      no_grad { let ${w} = ${w} }
      iterate ${w} = ${w}, ${w} = ${w} times ${w} {\n${w} = ${w}\n}
      if ${w} { let ${w} = ${w} } else if ${w} { let ${w} = ${w} } else { let ${w} = ${w} }
      require ${w} divisible by ${w}\nreturn ${w}`;
    expect(statements(body)).toHaveLength(18);
    expect(codes(`module ${w}(${w}: ${w} = ${w}, x: { ${w}: ${w}[${w}] }) -> ${w} { return ${w} }\nimport_me = 1`)).toEqual([
      'unexpected-input',
    ]);
    const file = `import { ${w}, a as ${w} } from "a"
      method ${w} {
        supervision ${w}
        input ${w}: { ${w}: ${w}[${w}] }
        shadow ${w} = ema(${w}, 0.9)
        module ${w}(${w}: ${w}) -> ${w} { return ${w} }
        train {
          data ${w}.${w} {\n${w} = ${w}\n${w}, a = ${w}\n}
          pair ${w} = ${w} {\n${w} = ${w}\n}
          validate every ${w} steps on ${w} with ${w} keep ${w}, ${w}
          group ${w}, ${w}: lr x2
          freeze ${w}
          exclude ${w}.${w}
        }
        infer ${w}(${w}: ${w}) -> ${w} { return ${w} }
        pipeline {
          stage ${w} = ${w}
          iterate ${w} = ${w} times ${w} {\n${w} = ${w}\n}
        }
      }
      variant ${w} of ${w} { remove ${w} ${w} }
      grid ${w} of ${w} {\n${w} in [1]\n${w} in [2] }
      dataset ${w} { root ${w} }
      case ${w} { in ${w} = ${w} }`;
    expect(codes(file)).toEqual([]);
    expect(parsed(file).declarations.map((d) => `${d.kind} ${d.name.text}`)).toEqual(
      ['method', 'variant', 'grid', 'dataset', 'case'].map((kind) => `${kind} ${w}`),
    );
  });
});
