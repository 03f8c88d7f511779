/** The guide of the language: its examples are checked, and its reference is that of the library and the grammar. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { checkFile } from '../../../compiler/check/check.ts';
import { TYPE_KINDS } from '../../../compiler/check/kinds.ts';
import { STATIC_TYPES } from '../../../compiler/check/static-types.ts';
import { diskHost, libraryFiles } from '../../../compiler/cli/host.ts';
import { Diagnostics } from '../../../compiler/diagnostics/diagnostics.ts';
import { renderAll } from '../../../compiler/diagnostics/render.ts';
import { REFERENCE_HEADING, topicsOf } from '../../../compiler/explain/guide.ts';
import { referenceText } from '../../../compiler/explain/reference.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const page = join(root, 'docs/language.md');

test('the reference is that of the library and the grammar', () => {
  const wanted = referenceText(libraryFiles());
  const text = readFileSync(page, 'utf8');
  const at = text.indexOf(`\n${REFERENCE_HEADING}\n`);
  if (process.env.UPDATE_DOCS === '1') writeFileSync(page, `${(at < 0 ? text : text.slice(0, at)).trimEnd()}\n\n${wanted}`);
  const now = readFileSync(page, 'utf8');
  expect(now.slice(now.indexOf(`\n${REFERENCE_HEADING}\n`) + 1)).toBe(wanted);
});

/** An example of the guide, as a whole file: what is shown of a module or of a method stands in one that needs it. */
function whole(where: string, text: string): string {
  const head =
    'language 1\nimport "std/layers"\nimport "std/cam"\nimport "std/losses"\nimport "std/backbones/small"\ndataset voc { format voc }\n';
  const method = (body: string, train: string, rest = ''): string => `${head}
    method frame {
      supervision tags
      input image: Image[N, H, W, 3]
      input tags: Tags[N, K]
      backbone net = small_residual(widths: [16, 32, 64, 64])
      layer classifier = conv(K, kernel: 1, bias: false)
      let deep = net(image).layer4
      ${body}
      train {\n${train}\n}
      ${rest}
    }`;
  const plain = 'data voc.train { image = source |> crop(192) |> normalize(imagenet) }\nepochs 1, batch 2\noptimizer sgd(lr: 0.1)';
  const loss = 'loss cls = soft_margin(gap(classifier(deep) as cam), tags)';
  switch (where) {
    case '':
      return text;
    case 'module':
      // Its result counts for nothing in the loss: only what the body says is looked at.
      return `${method(`layer widen = conv(128)\nlet shown = example(widen(deep))\n${loss}\nloss shown = 1e-3 * (mean(shown) + mean(widen(deep)))`, plain)}
        module example(x: Features[n, h, w, D]) -> Tensor {\n${text}\n}`;
    case 'pair':
      return method(
        `input other: { image: Image[N, h2, w2, 3], tags: Tags[N, K] }
        ${loss}\nloss too = soft_margin(gap(classifier(net(other.image).layer4) as cam), other.tags)`,
        `${plain}\n${text}`,
      );
    case 'pipeline':
      return `${method(
        loss,
        plain,
        `infer maps(photo: Image[1, h0, w0, 3]) -> Cam { return classifier(net(photo |> normalize(imagenet)).layer4) as cam }
        pipeline {
          stage classes = train(this, on: voc.train)
          stage cams = infer(classes, maps, on: voc.train)
          stage seeds = masks(cams, threshold: 0.2)
          ${text}
          stage scores = evaluate(labels, on: voc.train, label: "labels")
        }`,
      )}
      method segmenter {
        supervision pseudo_masks
        input image: Image[N, H, W, 3]
        input masks: Labels[N, H, W]
        layer classify = conv(K + 1, kernel: 1)
        loss seg = pixel_cross_entropy(classify(image) as logits, masks).mean
        train { ${plain.replace('image =', 'image, masks =')} }
        infer predict(photo: Image[1, h0, w0, 3]) -> Logits[1, h0, w0, K + 1] { return classify(photo |> normalize(imagenet)) as logits }
      }`;
    case 'train':
      return method(loss, text);
    case 'views': {
      const data =
        'data voc.train {\nimage = source |> crop(192) |> normalize(imagenet)\nsmall = source |> square(96) |> normalize(imagenet)\n}';
      return method(`input small: Image[N, h2, w2, 3]\n${loss}\n${text}`, `${data}\nepochs 1, batch 2\noptimizer sgd(lr: 0.1)`);
    }
    default:
      throw new Error(`the guide has an example of an unknown sort: ${where}`);
  }
}

describe('examples', () => {
  const [prose] = readFileSync(page, 'utf8').split(`\n${REFERENCE_HEADING}\n`);
  const examples = [...prose.matchAll(/^```wsss *(\w*)\n([\s\S]*?)^```$/gm)].map(([, where, text], i) => ({ i: i + 1, where, text }));

  test('there are examples of every sort', () => {
    expect(new Set(examples.map((e) => e.where))).toEqual(new Set(['', 'module', 'train', 'pair', 'pipeline', 'views']));
  });

  test.each(examples)('example $i $where', ({ where, text }) => {
    const diagnostics = new Diagnostics();
    const file = whole(where, text);
    checkFile({ read: (name) => (name === 'guide.wsss' ? file : diskHost.read(name)) }, 'guide.wsss', diagnostics);
    // A frame has names that an example need not use.
    const found = diagnostics.all.filter((d) => where === '' || d.severity === 'error');
    expect(renderAll(found)).toBe('');
  });
});

describe('code inside a line', () => {
  const code = [...readFileSync(page, 'utf8').matchAll(/`([^`\n]+)`/g)].map(([, text]) => text);
  const statements = [...new Set(code)].filter((text) => !text.includes('…') && /^(weight|state) \w+: /.test(text));

  test('types are types of the language', () => {
    const named = code.flatMap((text) => [...text.matchAll(/(?:: |-> )([A-Z]\w+)\b/g)].map(([, type]) => type));
    expect(named.length).toBeGreaterThan(10);
    const known = [...Object.keys(TYPE_KINDS), ...STATIC_TYPES];
    expect([...new Set(named)].filter((type) => !known.includes(type))).toEqual([]);
  });

  test('there are statements', () => expect(statements.length).toBeGreaterThan(1));

  test.each(statements)('%s', (text) => {
    const diagnostics = new Diagnostics();
    const file = whole(
      'train',
      'data voc.train { image = source |> crop(192) |> normalize(imagenet) }\nepochs 1, batch 2\noptimizer sgd(lr: 0.1)',
    ).replace('loss cls', `hyper D = 8\n${text}\nloss cls`);
    checkFile({ read: (name) => (name === 'guide.wsss' ? file : diskHost.read(name)) }, 'guide.wsss', diagnostics);
    expect(renderAll(diagnostics.all.filter((d) => d.severity === 'error'))).toBe('');
  });
});

test('every section is a topic with a name of its own', () => {
  const topics = topicsOf(readFileSync(page, 'utf8'));
  expect(topics.length).toBeGreaterThan(10);
  expect(new Set(topics.map((t) => t.name)).size).toBe(topics.length);
  for (const topic of topics) expect(topic.text.length, topic.name).toBeGreaterThan(80);
});
