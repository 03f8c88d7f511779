import { describe, expect, test } from 'vitest';
import { catalogue, entryOf, isCode } from '../../../compiler/diagnostics/catalogue.ts';
import { Diagnostics } from '../../../compiler/diagnostics/diagnostics.ts';
import { render, renderAll } from '../../../compiler/diagnostics/render.ts';
import { didYouMean, editDistance, suggestions } from '../../../compiler/diagnostics/suggest.ts';
import { sourceFile, span } from '../../../compiler/source/source.ts';

const file = sourceFile('a.wsss', 'method m {\n\tlayer classify = cnov(K)\n}\n\nlet y = m\nlast');
const at = (text: string) => span(file, file.text.indexOf(text), file.text.indexOf(text) + text.length);

describe('the catalogue', () => {
  test('codes are kebab-case, messages have as many holes as gaps, and say something', () => {
    for (const code of Object.keys(catalogue)) {
      expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
      if (!isCode(code)) throw new Error(code);
      const { message, explain } = entryOf(code);
      expect(message.parts).toHaveLength(message.holes.length + 1);
      expect(message.parts.join('').trim()).not.toBe('');
      expect(message.parts.join('').endsWith('.'), code).toBe(false);
      if ('frame' in explain) expect(explain.wrong).not.toBe(explain.right);
    }
  });

  test('files of the catalogue do not overwrite each other', async () => {
    const parts = await Promise.all([
      import('../../../compiler/diagnostics/catalogue/cases.ts').then((m) => m.cases),
      import('../../../compiler/diagnostics/catalogue/gradients.ts').then((m) => m.gradients),
      import('../../../compiler/diagnostics/catalogue/kinds.ts').then((m) => m.kinds),
      import('../../../compiler/diagnostics/catalogue/names.ts').then((m) => m.names),
      import('../../../compiler/diagnostics/catalogue/pipelines.ts').then((m) => m.pipelines),
      import('../../../compiler/diagnostics/catalogue/shapes.ts').then((m) => m.shapes),
      import('../../../compiler/diagnostics/catalogue/statics.ts').then((m) => m.statics),
      import('../../../compiler/diagnostics/catalogue/supervision.ts').then((m) => m.supervision),
      import('../../../compiler/diagnostics/catalogue/syntax.ts').then((m) => m.syntax),
      import('../../../compiler/diagnostics/catalogue/training.ts').then((m) => m.training),
    ]);
    const codes = parts.flatMap((p) => Object.keys(p));
    expect(new Set(codes).size).toBe(codes.length);
    expect(Object.keys(catalogue).sort()).toEqual(codes.sort());
  });
});

describe('collecting', () => {
  test('holes are filled, problems are sorted by place, and the same problem is kept once', () => {
    const found = new Diagnostics();
    found.report('unknown-name', at('y = m'), { name: 'y' });
    found.report('unknown-name', at('cnov'), { name: 'cnov' });
    found.report('unknown-name', at('cnov'), { name: 'again' });
    found.report('not-callable', at('cnov'), { what: 'this' });
    expect(found.all.map((d) => d.message)).toEqual([
      'this cannot be called',
      "nothing is called 'cnov' here",
      "nothing is called 'y' here",
    ]);
    expect(found.hasErrors).toBe(true);
  });

  test('a second syntax error at one place is dropped, and a warning is no error', () => {
    const found = new Diagnostics();
    found.report('dangling-doc', at('last'), {});
    expect(found.hasErrors).toBe(false);
    found.reportSyntax('unexpected-input', at('cnov'), { found: 'a' });
    found.reportSyntax('expected-name', at('cnov(K)'), { found: 'b' });
    expect(found.all.map((d) => d.code)).toEqual(['unexpected-input', 'dangling-doc']);
  });

  test('the JSON form is plain data', () => {
    const found = new Diagnostics();
    found.report('unknown-name', at('cnov'), { name: 'cnov' }, { labels: [{ span: at('y = m'), text: 'here' }], hint: 'h' });
    const [json] = JSON.parse(JSON.stringify(found.toJson()));
    expect(json.place.start).toEqual({ offset: file.text.indexOf('cnov'), line: 2, column: 19 });
    expect(json.labels[0].place.file).toBe('a.wsss');
    expect(json.hint).toBe('h');
  });

  test('a missing or unknown hole is a compile error', () => {
    const found = new Diagnostics();
    // @ts-expect-error the hole `name` is required
    found.report('unknown-name', at('y = m'), {});
    // @ts-expect-error there is no hole `nam`
    found.report('duplicate-name', at('y = m'), { name: 'y', nam: 'y' });
    expect(found.all).toHaveLength(2);
  });
});

describe('rendering', () => {
  test('a frame with labels in two files, a hint and a note', () => {
    const other = sourceFile('std/layers.wsss', '\n\nmodule conv() {}');
    const found = new Diagnostics();
    found.report(
      'unknown-name',
      at('cnov'),
      { name: 'cnov' },
      {
        label: 'not found',
        labels: [
          { span: at('method'), text: 'in this method' },
          { span: span(other, 9, 13), text: 'declared here' },
        ],
        hint: "did you mean 'conv'?\nor import it",
        notes: ['a note'],
      },
    );
    expect(render(found.all[0])).toBe(
      [
        "error[unknown-name]: nothing is called 'cnov' here",
        ' --> a.wsss:2:19',
        '  |',
        '1 | method m {',
        '  | ------ in this method',
        '2 |   layer classify = cnov(K)',
        '  |                    ^^^^ not found',
        ' ::: std/layers.wsss:3:8',
        '  |',
        '3 | module conv() {}',
        '  |        ---- declared here',
        "  = hint: did you mean 'conv'?",
        '          or import it',
        '  = note: a note',
        '',
      ].join('\n'),
    );
  });

  test('the end of the file, an empty range and several lines still get one caret', () => {
    const found = new Diagnostics();
    found.report('unexpected-input', span(file, file.text.length, file.text.length), { found: 'the end' });
    found.report('unexpected-input', span(file, 0, file.text.length), { found: 'all' });
    const text = renderAll(found.all);
    expect(text).toContain('1 | method m {\n  | ^^^^^^^^^^\n');
    expect(text).toContain('6 | last\n  |     ^\n');
    expect(text.endsWith('2 errors\n')).toBe(true);
  });

  test('colour adds escapes and nothing else', () => {
    const found = new Diagnostics();
    found.report('unknown-name', at('cnov'), { name: 'cnov' }, { hint: 'h' });
    const plain = render(found.all[0]);
    const colored = render(found.all[0], { color: true });
    expect(colored).not.toBe(plain);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escapes are what is removed
    expect(colored.replace(/\u001b\[\d+m/g, '')).toBe(plain);
  });
});

describe('suggestions', () => {
  test('edit distance counts swaps as one', () => {
    expect(editDistance('cnov', 'conv')).toBe(1);
    expect(editDistance('', 'abc')).toBe(3);
    expect(editDistance('kitten', 'sitting')).toBe(3);
  });

  test('other letter case first, then the nearest, nothing that is far', () => {
    expect(suggestions('Relu', ['gelu', 'relu', 'softmax'])).toEqual(['relu', 'gelu']);
    expect(suggestions('maxnrom', ['maxnorm', 'norm', 'minmax', 'softmax'])[0]).toBe('maxnorm');
    expect(suggestions('zebra', ['conv', 'relu'])).toEqual([]);
    expect(suggestions('pool', ['gap', 'max_pool', 'other'])).toEqual(['max_pool']);
    expect(suggestions('x', ['x'])).toEqual([]);
  });

  test('the order of candidates changes nothing', () => {
    expect(suggestions('cas', ['cam', 'cat', 'car'])).toEqual(suggestions('cas', ['car', 'cam', 'cat']));
    expect(didYouMean('cas', ['cat', 'cam'])?.text).toBe("did you mean 'cam' or 'cat'?");
    expect(didYouMean('zebra', ['cat'])).toBeUndefined();
  });
});
