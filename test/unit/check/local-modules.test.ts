import '@tensorflow/tfjs-backend-cpu';
import { describe, expect, test } from 'vitest';
import { forwardOf, inferredOf, methodOf, runs, sound, told } from './language.ts';

const view = `
  hyper scale = 2
  module view(x: Image[N, h, w, 3], width: int = 1) -> { cam: Cam[N, h, w, K], twice: Features[N, h, w, K] } {
    let f = head(x)
    return { cam: (f * scale) as cam, twice: f * width }
  }`;

describe('modules among the members of a method', () => {
  const closed = methodOf(`${view}
  let { cam, twice as second } = view(image, width: 3)
  let small = view(image[h: 0..3, w: 1..3])
  loss cls = mean(cam) + mean(second) + mean(small.cam)
  infer maps(photo: Image[1, h0, w0, 3]) -> Cam[1, h0, w0, K] {
    let { cam } = view(photo |> normalize(imagenet))
    return cam
  }`);

  test('they close over layers and settings; sizes of their signature are their own', async () => {
    const plain = methodOf(`
  let f = head(image)
  let s = head(image[h: 0..3, w: 1..3])
  loss cls = mean(f * 2) + mean(f * 3) + mean(s * 2)
  infer maps(photo: Image[1, h0, w0, 3]) -> Cam[1, h0, w0, K] { return (head(photo |> normalize(imagenet)) * 2) as cam }`);
    expect(forwardOf(closed)).toEqual(forwardOf(plain));
    expect(inferredOf(closed, 'maps')).toEqual(inferredOf(plain, 'maps'));
    expect([...sound(closed).states.keys()]).toEqual([...sound(plain).states.keys()]);
    await runs(closed);
  });

  test('an input of training is out of reach for inference', () => {
    const text = methodOf(`
  module bad(x: Image[N, h, w, 3]) -> Cam[N, h, w, K] { return (head(x) * mean(image)) as cam }
  loss cls = mean(bad(image))
  infer maps(photo: Image[1, h0, w0, 3]) -> Cam[1, h0, w0, K] { return bad(photo |> normalize(imagenet)) }`);
    expect(told(text)).toEqual(['training-input image']);
  });

  test('one with two parentheses is a layer that closes too', () => {
    const text = methodOf(`
  hyper scale = 4
  module scaled(by: float)(x: Cam[N, h, w, K]) -> Cam[N, h, w, K] { return (x * by * scale) as cam }
  layer s = scaled(0.5)
  loss cls = mean(s(head(image) as cam))`);
    expect(forwardOf(text)).toEqual(forwardOf(methodOf('  loss cls = mean(head(image) * 0.5 * 4)')));
  });
});

describe('slices', () => {
  test('every axis, open ends and ends from the end', async () => {
    const text = methodOf(`
  cam raw = head(image)
  let part = raw[batch: 0..1, h: 1.., w: ..-2]
  let last = raw[h: -1, channel: -2..]
  loss cls = mean(part) + sum(last) + mean(raw[background]) + mean(raw[foreground])`);
    await runs(text);
    const graph = sound(text).forward.graph;
    const cuts = graph.nodes.filter((n) => n.op === 'slice').map((n) => n.type.shape.map(String).length);
    expect(cuts).toEqual([4, 4, 4, 4]);
    const plain = methodOf(`
  cam raw = head(image)
  let part = raw[batch: 0..1, h: 1..H, w: 0..W - 2]
  let last = raw[h: H - 1..H, channel: K - 2..K]
  loss cls = mean(part) + sum(last) + mean(raw[channel: 0..1]) + mean(raw[channel: 1..K])`);
    expect(forwardOf(text)).toEqual(forwardOf(plain));
  });
});
