/** The page of a comparison: table and drawings, standing alone. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runDiff } from '../../../compiler/cli/diff.ts';
import { compareMethods } from '../../../compiler/diff/compare.ts';
import { pageText } from '../../../compiler/diff/render/page.ts';
import { side } from '../../property/diff/comparing.ts';

const SIPE = fileURLToPath(new URL('../../../specs/methods/sipe.wsss', import.meta.url));

describe('of SIPE without its consistency loss', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wsss-page-'));
  const file = join(folder, 'page.html');
  let page = '';
  beforeAll(async () => {
    const options = { format: 'json', json: true, cosmetic: false, set: [], only: [], ignore: [], html: file } as const;
    await runDiff({ out: () => undefined, error: () => undefined, colour: false }, `${SIPE}#sipe`, `${SIPE}#sipe_no_gsc`, options);
    page = readFileSync(file, 'utf8');
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  test('has every row and both drawings', () => {
    expect(page.match(/<svg /g)).toHaveLength(2);
    expect(page.match(/<tr><td>/g)).toHaveLength(2);
    expect(page).toContain('<code class="to">net.stem, net.layer1, net.layer2, head.hierarchy</code>');
  });

  test('marks what differs where it is', () => {
    const [left, right] = page.split('<figure>').slice(1);
    const marked = (svg: string): readonly string[] =>
      [...svg.matchAll(/<g id="[^"]*" class="node">([\s\S]*?)<\/g>\n<\/g>|<g id="[^"]*" class="node">([\s\S]*?)(?=<!--|<\/svg>)/g)]
        .map(([text]) => text)
        .filter((text) => text.includes('stroke="#b5179e"'))
        .map((text) => /<text[^>]*>([^<]*)</.exec(text)?.[1] ?? '');
    expect(marked(left)).toEqual(expect.arrayContaining(['gsc', 'image_specific_cam', 'structure_seeds', 'hierarchy']));
    expect(marked(left)).not.toContain('layer3');
    expect(marked(right)).toEqual([]);
  });

  test('needs nothing from elsewhere, and names each of its parts once', () => {
    expect(page.replace(/xmlns(:xlink)?="[^"]*"/g, '')).not.toMatch(/https?:|<script|<link|src=/);
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, id] of page.matchAll(/url\(#([^)]*)\)/g)) expect(ids).toContain(id);
  });
});

test('marks are those of the other side where the comparison is turned round', () => {
  const [a, b] = [side('methods/sipe.wsss', undefined, 'sipe'), side('methods/sipe.wsss', undefined, 'sipe_no_gsc')];
  const [there, back] = [compareMethods(a, b).marks(), compareMethods(b, a).marks()];
  expect(there.from.losses).toEqual(back.to.losses);
  expect(there.from.nodes).toEqual(back.to.nodes);
  expect(there.from.nodes.size).toBeGreaterThan(there.to.nodes.size);
});

test('signs of HTML in a spec are text', () => {
  const row = {
    class: 'loss' as const,
    what: 'loss <b>',
    from: 'a < b & c',
    to: '"x"',
    at: { from: undefined, to: undefined },
    effects: [],
  };
  const report = { from: 'a.wsss#<i>', to: 'b', files: { from: 'a', to: 'b' }, rows: [row], total: [], image: undefined, hidden: 0 };
  const page = pageText([{ report, graphs: undefined }]);
  expect(page).toContain('a &lt; b &amp; c');
  expect(page).not.toMatch(/<b>|<i>/);
});
