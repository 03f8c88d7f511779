import { describe, expect, test } from 'vitest';
import { compileMethod } from '../../../compiler/compile.ts';
import { renderAll } from '../../../compiler/diagnostics/render.ts';
import { reportGradientProblems } from '../../../compiler/report-gradients.ts';
import { checkSpec, methodAround } from './checking.ts';

test('a program that a variant leaves alone is that of its method, with all the state it reads', () => {
  const { methods } = checkSpec('methods/sipe.wsss').checked!;
  const program = (name: string) => methods.get(name)!.infer[0];
  expect(program('sipe_no_gsc').graph).toBe(program('sipe').graph);
  expect(program('sipe_r101').graph).not.toBe(program('sipe').graph);
  expect(program('sipe_small').graph).not.toBe(program('sipe').graph);
  for (const method of methods.values()) {
    const read = method.infer.flatMap((p) =>
      p.graph.nodes.filter((n) => n.op === 'input' && n.attrs.role === 'state').map((n) => String(n.attrs.name)),
    );
    expect(read.length).toBeGreaterThan(0);
    expect(read.filter((key) => !method.states.has(key))).toEqual([]);
  }
});

test('what a variant freezes because nothing trains it has no gradient', () => {
  const { methods } = checkSpec('methods/sipe.wsss').checked!;
  const groups = (name: string) => methods.get(name)!.train!.optimizer.groups.flatMap((g) => g.keys);
  expect(groups('sipe').some((key) => key.startsWith('head.hierarchy.'))).toBe(true);
  expect(groups('sipe_no_gsc').some((key) => key.startsWith('head.hierarchy.'))).toBe(false);
  expect(groups('sipe_no_gsc').some((key) => key.startsWith('head.head.'))).toBe(true);
});

test('a setting that only one method of a file can see reaches its programs', () => {
  const text = methodAround(
    `hyper factor = 2.0
  layer classifier = conv(K)
  cam maps = classifier(net(image).layer4)
  loss cls = soft_margin(gap(maps), tags)
  infer seeds(photo: Image[1, h, w, 3]) -> Cam {
    return (factor * classifier(net(photo |> normalize(imagenet)).layer4)) as cam
  }`,
  );
  const { checked, diagnostics } = checkSpec(
    'm.wsss',
    `${text}\nvariant other of m { hyper factor = 3.0 }\nvariant same of m { remove loss cls  loss cls = soft_margin(gap(maps), tags) }\n`,
  );
  expect(renderAll(diagnostics.all)).toBe('');
  const constants = (name: string) =>
    checked!.methods.get(name)!.infer[0].graph.nodes.flatMap((n) => (n.op === 'const' ? [n.attrs.value] : []));
  expect(constants('m')).toContain(2);
  expect(constants('other')).toContain(3);
  expect(constants('other')).not.toContain(2);
  expect(checked!.methods.get('same')!.infer[0].graph).toBe(checked!.methods.get('m')!.infer[0].graph);
});

test('what differentiation refuses is a diagnostic at the author’s line', () => {
  const text = methodAround(
    'layer classifier = conv(K)\n  cam maps = classifier(net(image).layer4)\n  loss cls = soft_margin(gap(maps), tags)',
  );
  const { checked, diagnostics } = checkSpec('m.wsss', text);
  const method = checked!.methods.get('m')!;
  expect(compileMethod(method).ok).toBe(true);
  const inLibrary = method.forward.graph.nodes.find((n) => n.op === 'softplus')!;
  reportGradientProblems(
    method,
    [
      { kind: 'no-derivative', subject: 'softplus', node: inLibrary },
      { kind: 'unknown-loss', subject: 'seg', node: undefined },
    ],
    diagnostics,
  );
  expect(diagnostics.toJson().map((d) => [d.code, d.place.file, text.split('\n')[d.place.start.line - 1].trim()])).toEqual([
    ['not-differentiable', 'm.wsss', 'method m {'],
    ['not-differentiable', 'm.wsss', 'loss cls = soft_margin(gap(maps), tags)'],
  ]);
});

test('what a variant adds stands before those of its members that read it', () => {
  const text = `${methodAround(`layer classifier = conv(K)
  let x = net(image).layer4
  cam maps = classifier(x)
  loss cls = soft_margin(gap(maps), tags)`)}
variant wider of m {
  // Read by the map that is replaced, and reading the input that is new; the order written here is that of the reading.
  hyper factor = 2.0
  input other: Image[N, H, W, 3]
  let both = image + factor * other
  let y = net(both).layer4
  cam maps = classifier(y)
  train { data voc.train { image, other = source |> normalize(imagenet) } }
}
variant astray of m {
  let more = beyond(image)
  cam maps = classifier(more)
}
`;
  const { diagnostics } = checkSpec('m.wsss', text);
  expect(diagnostics.toJson().map(({ code }) => code)).toEqual(['unknown-name']);
});

describe('what a variant breaks', () => {
  const METHOD = methodAround(
    `layer classifier = conv(K)
  layer side = conv(8)
  cam maps = classifier(net(image).layer4)
  loss cls = soft_margin(gap(maps), tags)
  let other = side(net(image).layer3)
  loss aux = mean(square(other))`,
  );
  const found = (variants: string) => {
    const text = `${METHOD}\n${variants}\n`;
    const lines = text.split('\n');
    return checkSpec('m.wsss', text)
      .diagnostics.toJson()
      .map((d) => ({
        ...d,
        line: lines[d.place.start.line - 1],
        labelled: d.labels.map(({ place }) => lines[place.start.line - 1].trim()),
      }));
  };

  test('by removing is told once, at the removal, with the readers in its method', () => {
    const all = found('variant broken of m {\n  remove layer classifier\n}');
    expect(all.map(({ code, line }) => [code, line.trim()])).toEqual([['removed-but-read', 'remove layer classifier']]);
    expect(all[0].message).toContain("'broken'");
    expect(all[0].labelled).toContain('cam maps = classifier(net(image).layer4)');
  });

  test('by writing anew is told at its name, with the line of its method', () => {
    const all = found('variant wide of m {\n  layer classifier = conv(K + 1)\n}');
    expect(all.map(({ severity, line }) => [severity, line])).toEqual([['error', 'variant wide of m {']]);
    expect(all[0].labelled).toContain('loss cls = soft_margin(gap(maps), tags)');
  });

  test('by removing the only loss that reads a layer is a warning, once, and the variant compiles', () => {
    const variants = 'variant no_aux of m { remove loss aux }';
    expect(found(variants).map(({ code, severity, line }) => [code, severity, line])).toEqual([['part-unreached', 'warning', variants]]);
    const compiled = compileMethod(checkSpec('m.wsss', `${METHOD}\n${variants}\n`).checked!.methods.get('no_aux')!);
    expect(compiled.ok).toBe(true);
  });

  test('in two variants is told in both; what the method itself has wrong, in the method alone', () => {
    expect(found('variant a of m { remove layer side }\nvariant b of m { remove layer side }').map((d) => d.code)).toEqual([
      'removed-but-read',
      'removed-but-read',
    ]);
    const wrong = `${METHOD.replace('gap(maps), tags', 'gap(mapz), tags')}\nvariant a of m { remove loss aux }\n`;
    expect(
      checkSpec('m.wsss', wrong)
        .diagnostics.toJson()
        .map((d) => d.code),
    ).toEqual(['unknown-name']);
  });
});
