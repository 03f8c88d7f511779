/** What no run could get through, told before it: sizes drawn for every image alone, sides exchanged, a panel twice, a block that says nothing. */
import { describe, expect, test } from 'vitest';
import { checkSpec } from './checking.ts';

const spec = (
  view: string,
  { batch = 2, header = 'photo: Image[1, h0, w0, 3]', size = '[h0, w0]', panels = '{ a: one, b: two }', more = '' } = {},
): string => `language 1
import "std/layers"
import "std/losses"
method m {
  supervision tags
  input image: Image[N, H, W, 3]
  input tags: Tags[N, K]
  layer head = conv(K, kernel: 1)
  loss cls = soft_margin(mean(head(image), over: space), tags)
  train {
    data voc.train { image = ${view} }
    epochs 1, batch ${batch}
    optimizer sgd(lr: 0.1)
  }
  infer maps(${header}) -> Cam {
    return resize(relu(head(photo |> normalize(imagenet))) as cam, size: ${size}, mode: bilinear, convention: half_pixel)
  }
  pipeline {
    stage net = train(this, on: voc.train)
    stage one = infer(net, maps, on: voc.train)
    stage two = infer(net, maps, on: voc.val)
    stage page = report("Maps", on: voc.train, panels: ${panels})
  }
}
${more}
dataset voc { format voc }
`;

const FIXED = 'source |> long_side(320..640) |> normalize(imagenet) |> crop(64)';

function told(text: string): readonly string[] {
  return checkSpec('it.wsss', text).diagnostics.all.map((d) => `${d.code} ${text.slice(d.span.start, d.span.end).split('\n')[0]}`);
}

describe('sizes drawn for every image of a batch', () => {
  test.each(['source |> long_side(320..640) |> normalize(imagenet)', 'source |> crop(64) |> scale([0.5, 1.0]) |> normalize(imagenet)'])(
    '%s',
    (view) => {
      expect(told(spec(view))).toEqual([`view-sizes-drawn ${view}`]);
      expect(told(spec(view, { batch: 1 }))).toEqual([]);
    },
  );
  // Images of one size in the data set make one size of these.
  test.each([
    FIXED,
    'source |> normalize(imagenet)',
    'source |> long_side(320) |> normalize(imagenet)',
    'source |> scale(0.5) |> normalize(imagenet)',
  ])('not %s', (view) => {
    expect(told(spec(view))).toEqual([]);
  });
});

test('maps with the sides of the photo exchanged', () => {
  expect(told(spec(FIXED, { header: 'photo: Image[1, w0, h0, 3]' }))).toEqual(['dimension-mismatch maps']);
  expect(told(spec(FIXED, { size: '[w0, h0]' }))).toEqual(['dimension-mismatch maps']);
  expect(told(spec(FIXED, { size: '[h0, h0]' }))).toEqual([]);
});

test('one panel twice', () => {
  expect(told(spec(FIXED, { panels: '{ a: one, b: one }' }))).toContain('stage-argument one');
});

test('a train block of a variant that says nothing', () => {
  expect(
    told(spec(FIXED, { more: 'variant v of m {\n  train { }\n  supervision tags\n  hyper a = 2\n  watch twice = mean(image) * a\n}' })),
  ).toEqual(['variant-unchanged train { }']);
});
