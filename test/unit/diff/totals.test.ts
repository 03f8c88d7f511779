/** The last line of a comparison: what `wsss cost` says of each side, also where sizes are not known. */
import { describe, expect, test } from 'vitest';
import { checkFile } from '../../../compiler/check/check.ts';
import { costReport } from '../../../compiler/describe/cost.ts';
import { sizesOf } from '../../../compiler/describe/sizes.ts';
import { Diagnostics } from '../../../compiler/diagnostics/diagnostics.ts';
import { compareMethods } from '../../../compiler/diff/compare.ts';
import { totalText } from '../../../compiler/diff/render/words.ts';
import { type Side, sideOf } from '../../../compiler/diff/side.ts';
import { side } from '../../property/diff/comparing.ts';
import { specText } from '../check/checking.ts';

describe('of methods whose sizes are known', () => {
  for (const [from, to] of [
    ['methods/sipe.wsss#sipe', 'methods/sipe.wsss#sipe_small'],
    ['methods/sipe.wsss#sipe', 'methods/sipe.wsss#sipe_no_gsc'],
    ['methods/cam.wsss#cam', 'methods/sipe.wsss#sipe'],
  ])
    test(`${from} and ${to}`, () => {
      const [a, b] = [from, to].map((name) => side(name.split('#')[0], undefined, name.split('#')[1]));
      const { total, image } = compareMethods(a, b);
      const [x, y] = [a, b].map(({ method }) => {
        const found = sizesOf(method, { size: image, batch: 1 });
        if (!found.ok) throw new Error('sizes');
        const report = costReport(method, found.sizes);
        if (!report) throw new Error('no report');
        return report;
      });
      const said = (kind: string) => total.find((effect) => effect.kind === kind);
      const pair = (p: number, q: number) => (p === q ? undefined : expect.objectContaining({ from: p, to: q }));
      expect(said('multiply-adds')).toEqual(pair(x.multiplyAdds.forward, y.multiplyAdds.forward));
      expect(said('parameters')).toEqual(pair(x.parameters.total, y.parameters.total));
    }, 60_000);
});

/** A method with an input whose sizes no image gives. */
const open = (kernel: number): string => `language 1
import "std/layers"
import "datasets/voc"
method open {
  supervision tags
  input image: Image[N, H, W, 3]
  input words: Tensor[N, p, q, 6]
  layer score = conv(4, kernel: ${kernel}, pad: ${(kernel - 1) / 2})
  layer read = conv(8, kernel: 1)
  loss a = (mean(score(image)) + mean(read(words))) as loss
  train { data voc.train { image = source |> normalize(imagenet) |> crop(33, pad: zero) } epochs 1, batch 2, optimizer sgd(lr: 0.1) }
}`;

/** No view gives `words`: an error for training, and none for weighing. */
function unbound(text: string): Side {
  const host = { read: (name: string) => (name === 'open.wsss' ? text : specText(name)) };
  const diagnostics = new Diagnostics();
  const checked = checkFile(host, 'open.wsss', diagnostics);
  expect(diagnostics.all.map(({ code }) => code)).toEqual(['missing-input']);
  const found = checked && sideOf(host, 'open.wsss', checked, 'open');
  if (!found) throw new Error('no method');
  return found;
}

test('what is not known is told as such, and cancels where both sides have it', () => {
  const { rows, total, image } = compareMethods(unbound(open(1)), unbound(open(3)));
  expect(rows).toHaveLength(1);
  const [one, nine] = [1, 9].map((taps) => image[0] * image[1] * 3 * 4 * taps);
  expect(rows[0].effects).toContainEqual({ kind: 'multiply-adds', from: one, to: nine });
  expect(total.map(totalText)).toContain(`multiply-adds 48*p*q + ${one} → 48*p*q + ${nine}`);
}, 60_000);
