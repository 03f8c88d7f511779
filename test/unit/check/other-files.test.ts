import { expect, test } from 'vitest';
import { checkFile } from '../../../compiler/check/check.ts';
import { chooseMethod } from '../../../compiler/cli/spec.ts';
import { Diagnostics } from '../../../compiler/diagnostics/diagnostics.ts';
import { renderAll } from '../../../compiler/diagnostics/render.ts';
import { methodAround, specText } from './checking.ts';

/** Checks `name` among some files, with the standard library beside them. */
function check(files: Readonly<Record<string, string>>, name: string) {
  const diagnostics = new Diagnostics();
  const checked = checkFile({ read: (wanted) => files[wanted] ?? specText(wanted) }, name, diagnostics);
  return { checked: checked!, diagnostics };
}

const BASE = `${methodAround(
  `hyper factor = 2.0
  layer classifier = conv(K)
  cam maps = classifier(net(image).layer4)
  loss cls = soft_margin(gap(scaled(maps)), tags)
  pipeline {
    stage first = train(this, on: voc.train)
    stage second = train(other, on: voc.train)
  }`,
)}
module scaled(x) { return x * 2.0 }
variant other of m { train { epochs 2 } }
`;

test('what a variant takes over from another file means there what it means', () => {
  const { checked, diagnostics } = check(
    { 'base.wsss': BASE, 'q.wsss': 'import { m } from "./base"\nvariant q of m { train { epochs 3 } }\n' },
    'q.wsss',
  );
  expect(renderAll(diagnostics.all)).toBe('');
  expect(checked.methods.get('q')!.pipeline!.methods).toEqual(['q', 'other']);
  expect(checked.methods.get('other')!.train!.epochs).toBe(2);
});

test('a name of the variant’s file does not change the body of the method', () => {
  const own = 'import { m } from "./base"\nmodule scaled(x) { return x * 7.0 }\nvariant q of m { watch more = mean(scaled(maps)) }\n';
  const { checked, diagnostics } = check({ 'base.wsss': BASE, 'q.wsss': own }, 'q.wsss');
  expect(renderAll(diagnostics.all)).toBe('');
  const factors = checked.methods.get('q')!.forward.graph.nodes.flatMap((n) => (n.op === 'const' ? [n.attrs.value] : []));
  expect(factors).toContain(2);
  expect(factors).toContain(7);
});

test('two methods of one name that one run would train are told', () => {
  const own = 'import { m } from "./base"\nvariant other of m { train { epochs 9 } }\n';
  const { diagnostics } = check({ 'base.wsss': BASE, 'q.wsss': own }, 'q.wsss');
  expect(diagnostics.all.map((d) => d.code)).toEqual(['ambiguous-import']);
});

test('a command without a method’s name takes what the file itself declares', () => {
  const opened = (text: string) => {
    const { checked, diagnostics } = check({ 'base.wsss': BASE, 'q.wsss': text }, 'q.wsss');
    return { file: 'q.wsss', named: undefined, checked, diagnostics };
  };
  const one = opened('import { m } from "./base"\nvariant q of m { train { epochs 3 } }\n');
  expect([...one.checked.methods.keys()].sort()).toEqual(['other', 'q']);
  expect(chooseMethod(one, 'trains', (m) => m.train !== undefined).name).toBe('q');
  const two = opened('import { m } from "./base"\nvariant q of m { train { epochs 3 } }\nvariant r of m { train { epochs 4 } }\n');
  expect(() => chooseMethod(two, 'trains', (m) => m.train !== undefined)).toThrow('several methods');
});
