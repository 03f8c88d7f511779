import { expect, test } from 'vitest';
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
