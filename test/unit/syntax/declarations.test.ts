import { describe, expect, test } from 'vitest';
import { Diagnostics } from '../../../compiler/diagnostics/diagnostics.ts';
import { sourceFile } from '../../../compiler/source/source.ts';
import type { SpecFile } from '../../../compiler/syntax/ast.ts';
import { parse } from '../../../compiler/syntax/parse.ts';
import { parsed, show } from './helpers.ts';

const sketch = `language 1
import "std/layers"
import { structure, cosine as similar } from "std/prototypes"

/// Self-supervised image-specific prototype exploration.
/// A second line.
@paper method sipe {
  paper { title: "Self-supervised Image-specific Prototype Exploration", venue: "CVPR 2022", arxiv: "2203.02909" }
  supervision tags + saliency                       // what training may look at; anything else is a compile error

  input image:  Image[N, H, W, 3]
  input tags:   Tags[N, K]                          // K and the class names come from the data set
  input inside: Region[N, H, W]

  /// Weight of the background when a pixel's structure is matched against the classes.
  @inferred hyper background = 0.5

  backbone net      = resnet50(strides: [1, 2, 2, 1], norm: batch_norm(stats: stored, affine: train), freeze: [stem, layer1, layer2])
  layer    classify = conv(K, kernel: 1, bias: false)
  layer    sides    = [conv(d, kernel: 1, bias: false) for d in [128, 128, 256, 256]]

  let x    = net(image)                             // x.layer1 … x.layer4, shapes known: ceil(H/16) …
  cam raw  = classify(x.layer4)
  let here = present(tags, inside, like: raw)
  cam act  = with_background(maxnorm(relu(raw))) * here
  random gate ~ bernoulli(0.3, like: raw)
  watch relation = mean(act)

  features deep = hierarchy(sides, x)
  prototype p   = prototypes(deep, seeds: structure_seeds(x.layer4, act, background) * here)
  cam is_cam    = relu(cosine(deep, p))

  loss cls = soft_margin(gap(raw), tags)
  loss gsc weight 0.1 from epoch 7 when any(tags) = mean(abs(act - maxnorm(is_cam)))

  train {
    data voc.train_aug { image, inside = source |> long_side(320..640) |> normalize(imagenet) |> flip(0.5) |> crop(512, pad: zero); other = image }
    epochs 5, batch 16
    optimizer sgd(lr: 0.1 poly 0.9, momentum: 1e-4, weight_decay: 1e-4, clip_norm: 1.0)
    group sides, classify: lr x10, weight_decay x0.5
    group net.stem: lr 0.02
    freeze net.stem, net.layer1
    exclude net.fc
    require H divisible by 16
  }

  /// Seeds of one image.
  infer seeds(photo: Image[1, h0, w0, 3], tags: Tags[1, K]) -> Cam[1, h0, w0, K+1] {
    let maps = [resize(is_cam_of(both(scaled(photo, s))), like: photo) for s in [1.0, 0.5, 1.5, 2.0]]
    return maxnorm(sum(maps))
  }

  pipeline {
    stage classifier = train(this, on: voc.train_aug)
    stage seeds = infer(classifier, seeds, on: voc.train)
  }
}

/// A learned-parameter-free module with symbolic shapes.
module structure_seeds(feat: Features[N, h, w, D], act: Cam[N, h, w, C], background: float) -> Seeds[N, h, w, C] {
  let f        = l2norm(rearrange(feat, "n h w d -> n (h w) d"))
  affinity s   = relu(einsum(f, f, "n p d, n q d -> n p q"))
  let inter    = einsum(s, m, "n p q, n q c -> n p c")
  let union    = reduce(s, "n p q -> n p 1", sum) + reduce(m, "n q c -> n 1 c", sum) - inter
  let iou      = scale_channel(inter / union, 0, background)
  return rearrange(one_hot(argmax(iou, channel), C), "n (h w) c -> n h w c")
}

extern conv2d(x: Tensor[N, h, w, C], filter: Tensor[kh, kw, C, O], stride: int = 1) -> Tensor[N, ceil(h / stride), ceil(w / stride), O]

module norm(eps: float = 1e-5, widths: list[int] = [1, 2])(x: Tensor[N, C]) -> { out: Tensor[N, C], all: list[Tensor[N, C]] } {
  weight weight: Tensor[C] init ones
  weight bias: Tensor[C]
  state running_mean: Tensor[C] = zeros
  let a, b = split(x)
  require C >= 1
  require C == K + 1
  after step {
    running_mean = running_mean * 0.9
    other = a
  }
  return { out: a, all: [a, b] }
}

variant sipe_no_gsc of sipe { remove loss gsc }
variant sipe_r101   of sipe { remove cam raw  backbone net = resnet101(strides: [1, 2, 2, 1], norm: frozen) train { epochs 3 } }
dataset voc { format voc, root "VOC", classes ["cat", "dog"] }
case head {
  in feat4 = "in.feat4"
  param "side1" = m.sides[0].weight
  out "norm_cam" = r.norm_cam
  let r = f(in.feat, x: 1)
  loss = r.cls
  run train(steps: 3)
  run module g(x: in.feat)
}
case { run f(in.x) }
`;

describe('the sketch of the design, everything the tree knows', () => {
  const file = parsed(sketch);
  const named = new Map(file.declarations.map((d) => [`${d.kind} ${d.name.text}`, d]));

  test('declarations, imports and the language are there', () => {
    expect(file.language).toBe(1);
    expect(file.imports.map((i) => [i.from.value, i.names?.map((n) => [n.name.text, n.alias?.text])])).toEqual([
      ['std/layers', undefined],
      [
        'std/prototypes',
        [
          ['structure', undefined],
          ['cosine', 'similar'],
        ],
      ],
    ]);
    expect([...named.keys()]).toEqual([
      'method sipe',
      'module structure_seeds',
      'extern conv2d',
      'module norm',
      'variant sipe_no_gsc',
      'variant sipe_r101',
      'dataset voc',
      'case head',
      'case case',
    ]);
  });

  test('the method: docs, origins, members in order', () => {
    const method = named.get('method sipe');
    if (method?.kind !== 'method') throw new Error('no method');
    expect(method.doc).toBe('Self-supervised image-specific prototype exploration.\nA second line.');
    expect(method.origin).toBe('paper');
    expect(method.members.map((m) => m.kind)).toEqual(
      'paper supervision input input input hyper layer layer layer let let let let random watch let let let loss loss train infer pipeline'.split(
        ' ',
      ),
    );
    const hyper = method.members.find((m) => m.kind === 'hyper');
    expect([hyper?.doc, hyper?.origin]).toEqual([
      "Weight of the background when a pixel's structure is matched against the classes.",
      'inferred',
    ]);
    expect(method.members.filter((m) => m.kind === 'let').map((m) => m.word?.text)).toEqual([
      undefined,
      'cam',
      undefined,
      'cam',
      'features',
      'prototype',
      'cam',
    ]);
    const losses = method.members.filter((m) => m.kind === 'loss');
    expect(losses.map((l) => [l.weight, l.fromEpoch, l.when].map((e) => e && show(e)))).toEqual([
      [undefined, undefined, undefined],
      ['0.1', '7', 'any(tags)'],
    ]);
    const train = method.members.find((m) => m.kind === 'train');
    expect(train?.items.map((i) => i.kind)).toEqual([
      'data',
      'setting',
      'setting',
      'setting',
      'group',
      'group',
      'freeze',
      'freeze',
      'require',
    ]);
    const groups = train?.items.filter((i) => i.kind === 'group').flatMap((g) => g.settings) ?? [];
    expect(groups.map((s) => [s.name.text, s.multiplier, show(s.value)])).toEqual([
      ['lr', true, '10'],
      ['weight_decay', true, '0.5'],
      ['lr', false, '0.02'],
    ]);
    expect(train?.items.filter((i) => i.kind === 'freeze').map((f) => [f.role, f.members.map(show)])).toEqual([
      ['freeze', ['net.stem', 'net.layer1']],
      ['exclude', ['net.fc']],
    ]);
    const data = train?.items.find((i) => i.kind === 'data');
    expect(data?.views.map((v) => v.names.map((n) => n.text))).toEqual([['image', 'inside'], ['other']]);
    const infer = method.members.find((m) => m.kind === 'infer');
    expect([infer?.doc, infer?.params.map((p) => p.name.text)]).toEqual(['Seeds of one image.', ['photo', 'tags']]);
  });

  test('a module with two parameter lists, types, state and facts', () => {
    const module = named.get('module norm');
    if (module?.kind !== 'module') throw new Error('no module');
    expect(module.config?.map((p) => p.name.text)).toEqual(['eps', 'widths']);
    const widths = module.config?.[1]?.type;
    expect(widths?.kind === 'named_type' && widths.element?.kind).toBe('named_type');
    expect(module.returns?.kind === 'record_type' && module.returns.fields.map((f) => f.name.text)).toEqual(['out', 'all']);
    expect(module.body.map((s) => s.kind)).toEqual(['weight', 'weight', 'state', 'let', 'require', 'require', 'after_step', 'return']);
    expect(module.body.filter((s) => s.kind === 'require').map((r) => r.relation)).toEqual(['>=', '==']);
    const extern = named.get('extern conv2d');
    const returns = extern?.kind === 'extern' ? extern.returns : undefined;
    expect(returns?.kind === 'named_type' && returns.dims?.map(show)).toEqual(['N', 'ceil((h / stride))', 'ceil((w / stride))', 'O']);
  });

  test('variants, data sets and cases', () => {
    const variant = named.get('variant sipe_r101');
    if (variant?.kind !== 'variant') throw new Error('no variant');
    expect([variant.of.text, variant.removals.map((r) => `${r.what.text} ${r.name.text}`), variant.members.map((m) => m.kind)]).toEqual([
      'sipe',
      ['cam raw'],
      ['layer', 'train'],
    ]);
    const dataset = named.get('dataset voc');
    expect(dataset?.kind === 'dataset' && dataset.settings.map((s) => `${s.name.text} ${show(s.value)}`)).toEqual([
      'format voc',
      'root "VOC"',
      'classes ["cat", "dog"]',
    ]);
    const comparison = named.get('case head');
    if (comparison?.kind !== 'case') throw new Error('no case');
    expect(
      comparison.items.map((i) =>
        i.kind === 'case_binding'
          ? `${i.word.text} "${i.key.value}" = ${show(i.value)}`
          : `${i.word.text} ${i.name?.text ?? '-'} ${show(i.value)}`,
      ),
    ).toEqual([
      'in feat4 "in.feat4"',
      'param "side1" = m.sides[0].weight',
      'out "norm_cam" = r.norm_cam',
      'let r f(in.feat, x: 1)',
      'loss - r.cls',
      'run - train(steps: 3)',
      'run module g(x: in.feat)',
    ]);
  });
});

test('a declaration with a mistake has no tree, its name is known, and what stands around it is whole', () => {
  const broken = 'module a() {\n  let x = )\n  return 1\n}';
  const { file, codes: found } = read(`${broken}\nmodule b() { return 2 }`);
  expect(found).toEqual(['expected-expression']);
  expect(file.declarations.map((d) => d.name.text)).toEqual(['b']);
  expect(file.unread).toEqual(new Set(['a']));
  expect(read('modul a() { return 1 }').file.unread).toEqual(new Set(['a']));
  expect(read('import std').file.unread).toBe('all');
});

function read(text: string): { readonly file: SpecFile; readonly codes: readonly string[] } {
  const diagnostics = new Diagnostics();
  const file = parse(sourceFile('test.wsss', text), diagnostics);
  return { file, codes: diagnostics.all.map((d) => d.code) };
}
