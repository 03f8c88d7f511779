import { describe, expect, test } from 'vitest';
import { clauseWords, statementWords } from '../../../grammar/keywords.ts';
import { codes, parsed, show } from './helpers.ts';

const values = ['(a + 1)', '-a', 'min(a, b)', '2 * a', 'a', '0.5', '[a][0]', 'a.b', 'weight', 'epoch', 'when'];

describe('a clause takes any expression', () => {
  test.each(values)('%s', (value) => {
    expect(codes(`method m {\n  loss x weight ${value} = r\n}`)).toEqual([]);
    expect(codes(`method m {\n  loss x from epoch ${value} until epoch ${value} weight ${value} when ${value} > 0 = r\n}`)).toEqual([]);
    expect(codes(`method m {\n  loss x when ${value} > 0 weight ${value} = r\n}`)).toEqual([]);
    expect(codes(`method m {\n  iterate y = ${value} times ${value} {\n    y = y\n  }\n}`)).toEqual([]);
    expect(
      codes(
        `method m {\n  train {\n    validate every ${value} epochs on voc.val\n    lr ${value}\n    optimizer sgd(lr: ${value})\n  }\n}`,
      ),
    ).toEqual([]);
    expect(codes(`method m {\n  pipeline {\n    iterate y = a times ${value} {\n      stage s = f(y)\n      y = s\n    }\n  }\n}`)).toEqual(
      [],
    );
  });

  test('the weight is the clause’s, not a part of what stands before it', () => {
    const [method] = parsed('method m {\n  loss x from epoch a weight (b + 1) = r\n}').declarations;
    const loss = method?.kind === 'method' ? method.members[0] : undefined;
    expect(loss?.kind === 'loss' && loss.weight && show(loss.weight)).toBe('(b + 1)');
  });
});

describe('every word is a name in every place of a name', () => {
  const places: readonly ((word: string) => string)[] = [
    (w) => `method ${w} {\n  hyper a = 1\n}`,
    (w) => `module ${w}(x: float) -> float { return x }`,
    (w) => `module m(${w}: float, b: float) -> float { return ${w} + b }`,
    (w) => `module m(a: float) -> float {\n  let ${w} = a\n  return ${w} * ${w}\n}`,
    (w) => `module m(a: float) -> { ${w}: float } {\n  return { ${w}: f(${w}: a, b: a).${w} }\n}`,
    (w) => `method m {\n  hyper ${w} = 1\n  layer ${w}2 = f(${w}, -${w}, ${w}(${w}), [${w}, ${w}], ${w}[0])\n}`,
    (w) => `method m {\n  input ${w}: Image[N, H, W, 3]\n  loss ${w} = mean(${w})\n  watch ${w} = ${w}\n}`,
    (w) => `method m {\n  loss ${w} weight ${w} = ${w}\n}`,
    (w) => `method m {\n  loss x weight ${w} from epoch ${w} = ${w}\n}`,
    (w) => `method m {\n  train {\n    data voc.${w} {\n      ${w} = source |> ${w}(1)\n    }\n    epochs ${w}, batch ${w}\n  }\n}`,
    (w) => `method m {\n  pipeline {\n    stage ${w} = train(this, on: voc.${w})\n    stage b = ${w}(${w}, ${w}: ${w})\n  }\n}`,
    (w) => `import { ${w} } from "x"\nimport { a as ${w} } from "x"`,
    (w) =>
      `module m(a: float) -> float {\n  let a = [${w} for ${w} in ${w}]\n  let f = ${w} => ${w}\n  let b = a ? ${w} : ${w}\n  return a\n}`,
  ];
  test.each([...statementWords, ...clauseWords])('%s', (word) => {
    expect(places.map((place) => [place(word), codes(place(word))]).filter(([, found]) => found.length > 0)).toEqual([]);
  });
});
