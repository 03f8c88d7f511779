/** The list of operators in docs/primitives.md is that of the operator table. `UPDATE_DOCS=1` writes it anew. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { operator, operatorNames } from '../../../compiler/ops/table.ts';

const page = fileURLToPath(new URL('../../../docs/primitives.md', import.meta.url));
const HEADING = '## Every operator';

/** `conv2d_filter_grad` is called `conv2dFilterGrad` at run time. */
function entry(name: string): string {
  const { inputs, attrs, doc, differentiability, variadic } = operator(name);
  const given = inputs.map((input) => `${input.name}: ${input.dtype}`).join(', ');
  const forms = Object.entries(attrs).map(([attr, form]) => `${attr}: ${form}`);
  const written = forms.length > 0 ? ` {${forms.join(', ')}}` : '';
  return `* \`${name}(${given}${variadic ? ', …' : ''})${written}\`, ${differentiability}: ${doc}`;
}

const list = operatorNames.map(entry);

test('docs/primitives.md holds every operator of the table with its inputs, attributes, gradient and line, and no other', () => {
  const text = readFileSync(page, 'utf8');
  const at = text.indexOf(`${HEADING}\n`);
  const before = at < 0 ? `${text.trimEnd()}\n\n` : text.slice(0, at);
  if (process.env.UPDATE_DOCS === '1') {
    const note =
      'Written from the table; a test holds it to that. Forms of attributes and the differentiability are those of `compiler/ops/definition.ts`.';
    writeFileSync(page, `${before}${HEADING}\n\n${note}\n\n${list.join('\n')}\n`);
  }
  const lines = readFileSync(page, 'utf8').split(`${HEADING}\n`)[1]?.split('\n') ?? [];
  expect(lines.filter((line) => line.startsWith('* '))).toEqual(list);
});

test('the text in front of the list speaks of every operator', () => {
  const prose = readFileSync(page, 'utf8').split(HEADING)[0];
  const words = new Set(prose.match(/[a-z][a-z0-9_]*/g));
  expect(operatorNames.filter((name) => !words.has(name))).toEqual([]);
});
