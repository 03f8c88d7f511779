/** The language's own functions by their numbers: what `where:` means, what nothing at all gives, orders, borders, neighbours. */
import { describe, expect, it, test } from 'vitest';
import { randomArray, randomNumbers } from '../../graphs/build.ts';
import { build, type NdArray, ndarray, read } from '../../reference/ndarray.ts';
import { reported } from './checking.ts';
import { type Fed, values, withGradient } from './words.ts';

const next = randomNumbers(7);
const image = randomArray([2, 3, 4, 3], next);
const fed: Fed = { image, tags: ndarray([2, 2], [1, 0, 0, 1]) };

function one(expression: string, given: Fed = fed): NdArray {
  const found = values({ it: expression }, given).get('it');
  if (!found) throw new Error('no value');
  return found;
}

/** For each pixel its three values and whether each is taken: those above the limit. */
function perPixel(limit: number, f: (taken: readonly number[], all: readonly number[]) => number): NdArray {
  return build([2, 3, 4], (index) => {
    const all = [0, 1, 2].map((k) => read(image, [...index, k]));
    return f(
      all.filter((v) => v > limit),
      all,
    );
  });
}

function close(a: NdArray, b: NdArray): void {
  expect(a.shape).toEqual(b.shape);
  a.data.forEach((v, i) => {
    expect(v).toBeCloseTo(b.data[i], 9);
  });
}

/** Central differences of a scalar expression. */
function slopes(expression: string, given: Fed): NdArray {
  const step = 1e-5;
  const at = (i: number, move: number): number => {
    const data = given.image.data.slice();
    data[i] += move;
    return values({ it: expression }, { ...given, image: { shape: given.image.shape, data } }).get('it')?.data[0] ?? Number.NaN;
  };
  return ndarray(
    given.image.shape,
    Array.from(given.image.data, (_, i) => (at(i, step) - at(i, -step)) / (2 * step)),
  );
}

// Some pixels have three values above 0, some none: every case occurs.
const REDUCTIONS = {
  sum: (v: readonly number[]) => v.reduce((a, b) => a + b, 0),
  mean: (v: readonly number[]) => (v.length === 0 ? 0 : v.reduce((a, b) => a + b, 0) / v.length),
  max: (v: readonly number[]) => (v.length === 0 ? 0 : Math.max(...v)),
  min: (v: readonly number[]) => (v.length === 0 ? 0 : Math.min(...v)),
} as const;

describe('where', () => {
  it('has pixels with every number of elements', () => {
    expect(new Set(perPixel(0, (v) => v.length).data)).toEqual(new Set([0, 1, 2, 3]));
  });

  it.each(Object.entries(REDUCTIONS))('%s takes the elements of the mask, and is 0 of none', (name, f) => {
    close(
      one(`${name}(image, over: channel, where: image > 0)`),
      perPixel(0, (v) => f(v)),
    );
  });

  it('any and all', () => {
    close(
      one('float(any(image > 0.5, over: channel, where: image > 0))'),
      perPixel(0, (v) => Number(v.some((x) => x > 0.5))),
    );
    close(
      one('float(all(image > 0.5, over: channel, where: image > 0))'),
      perPixel(0, (v) => Number(v.every((x) => x > 0.5))),
    );
    expect(Array.from(one('float(any(tags, over: batch))').data)).toEqual([1, 1]);
    expect(Array.from(one('float(all(tags, over: channel))').data)).toEqual([0, 0]);
  });

  it('softmax and log_softmax', () => {
    const part = (k: number): NdArray =>
      perPixel(0, (taken, all) => (all[k] > 0 ? Math.exp(all[k]) / taken.reduce((s, v) => s + Math.exp(v), 0) : 0));
    const soft = one('softmax(image, where: image > 0)');
    const logs = one('log_softmax(image, where: image > 0)');
    soft.data.forEach((v, i) => {
      const expected = part(i % 3).data[Math.floor(i / 3)];
      expect(v).toBeCloseTo(expected, 9);
      expect(logs.data[i]).toBeCloseTo(expected > 0 ? Math.log(expected) : 0, 9);
    });
    close(
      one('sum(softmax(image), over: channel)'),
      perPixel(0, () => 1),
    );
    close(one('exp(log_softmax(image, over: height))'), one('softmax(image, over: height)'));
  });

  it('softmax neither overflows nor reads what is left out', () => {
    const extreme = { ...fed, image: ndarray([1, 1, 1, 3], [1000, 1001, 9000]), tags: ndarray([1, 2], [1, 1]) };
    const found = one('softmax(image, where: image < 2000)', extreme);
    expect(found.data[0]).toBeCloseTo(1 / (1 + Math.E), 9);
    expect(found.data[2]).toBe(0);
  });

  it('argmax and top_k', () => {
    close(
      one('float(argmax(image, where: image < 0))'),
      perPixel(-1e9, (all) => {
        const taken = all.filter((v) => v < 0);
        return taken.length === 0 ? 0 : all.indexOf(Math.max(...taken));
      }),
    );
    const best = one('top_k(image, k: 2, where: image > 0).value');
    close(
      best,
      build([2, 3, 4, 2], ([b, i, j, k]) => {
        const taken = [0, 1, 2].map((c) => read(image, [b, i, j, c])).filter((v) => v > 0);
        return taken.sort((x, y) => y - x)[k] ?? 0;
      }),
    );
  });

  it.each([
    'sum(square(image), where: image > 0)',
    'sum(mean(image, over: channel, keep: true, where: image > 0) * image)',
    'sum(square(max(image, over: channel, where: image > 0)))',
    'sum(square(min(image, over: [height, width], where: image > 0)))',
    'sum(softmax(image, where: image > 0) * image ^ 3)',
    'sum(log_softmax(image, over: width, where: image > 0) * image)',
    'sum(square(top_k(image, k: 2, where: image > 0).value))',
    'sum(square(top_k(rearrange(image, "n h w c -> n (h w c)"), k: 5, largest: false).value))',
    'sum(square(pad(image, height: (2, 1), width: (0, 3), mode: reflect)) * pad(image, height: (2, 1), width: (0, 3), mode: replicate))',
    'sum(neighbours(image, dilations: [1, 2], pad: replicate) ^ 3)',
    'sum(neighbours(image, offsets: [(0, 1), (2, -1)], pad: none) ^ 3)',
  ])('%s has the gradient of its values', (expression) => {
    const { gradient } = withGradient(expression, fed);
    const expected = slopes(expression, fed);
    gradient.data.forEach((v, i) => {
      expect(v).toBeCloseTo(expected.data[i], 4);
    });
  });
});

describe('orders', () => {
  const ties: Fed = {
    ...fed,
    image: ndarray(
      [2, 3, 4, 3],
      Array.from(image.data, (v) => Math.round(v * 2)),
    ),
  };
  const line = (given: Fed): readonly number[] => Array.from(given.image.data.slice(0, 36));

  it('top_k gives equals by the lowest index', () => {
    const found = values(
      {
        value: 'top_k(rearrange(image, "n h w c -> n (h w c)"), k: 9).value',
        index: 'float(top_k(rearrange(image, "n h w c -> n (h w c)"), k: 9).index)',
      },
      ties,
    );
    const order = line(ties)
      .map((v, i) => [v, i] as const)
      .sort(([a, i], [b, j]) => b - a || i - j)
      .slice(0, 9);
    expect(Array.from(found.get('value')?.data.slice(0, 9) ?? [])).toEqual(order.map(([v]) => v));
    expect(Array.from(found.get('index')?.data.slice(0, 9) ?? [])).toEqual(order.map(([, i]) => i));
  });

  it('rank counts places from 0, argsort says which element has each', () => {
    const found = values(
      { rank: 'float(rank(rearrange(image, "n h w c -> n (h w c)")))', order: 'float(argsort(rearrange(image, "n h w c -> n (h w c)")))' },
      ties,
    );
    const order = line(ties)
      .map((v, i) => [v, i] as const)
      .sort(([a, i], [b, j]) => a - b || i - j)
      .map(([, i]) => i);
    expect(Array.from(found.get('order')?.data.slice(0, 36) ?? [])).toEqual(order);
    expect(Array.from(found.get('rank')?.data.slice(0, 36) ?? [])).toEqual(order.map((_, i) => order.indexOf(i)));
  });

  it('gather replaces an axis, gather_along goes line by line', () => {
    const flat = 'rearrange(image, "n h w c -> (n h w) c")';
    const picked = one(`gather(${flat}, top_k(rearrange(image, "n h w c -> c (n h w)"), k: 4).index)`);
    expect(picked.shape).toEqual([3, 4, 3]);
    const own = one(`gather_along(${flat}, argsort(${flat}, over: 0), over: 0)`);
    for (let k = 0; k < 3; k++) {
      const column = Array.from({ length: 24 }, (_, i) => own.data[3 * i + k]);
      expect(column).toEqual([...column].sort((a, b) => a - b));
    }
  });

  it('refuses more elements than there are', () => {
    expect(reported('  loss size = mean(square(net(image).layer4))\n  watch most = sum(top_k(image, k: 4).value)')).toEqual([
      'size-out-of-range: watch most = sum(top_k(image, k: 4).value)',
    ]);
  });
});

describe('borders and neighbours', () => {
  const place = (i: number, n: number, mode: string): number => {
    if (mode === 'replicate') return Math.min(Math.max(i, 0), n - 1);
    return i < 0 ? -i : i >= n ? 2 * n - 2 - i : i;
  };

  it.each(['replicate', 'reflect'])('pad: %s', (mode) => {
    close(
      one(`pad(image, height: (2, 1), width: (0, 3), mode: ${mode})`),
      build([2, 6, 7, 3], ([b, i, j, k]) => read(image, [b, place(i - 2, 3, mode), place(j, 4, mode), k])),
    );
    close(
      one(`pad(image, over: channel, sizes: (1, 2), mode: ${mode})`),
      build([2, 3, 4, 6], ([b, i, j, k]) => read(image, [b, i, j, place(k - 1, 3, mode)])),
    );
  });

  it('pads any axis with a number', () => {
    close(
      one('pad(image, over: batch, sizes: (0, 1), value: 2)'),
      build([3, 3, 4, 3], ([b, ...rest]) => (b === 2 ? 2 : read(image, [b, ...rest]))),
    );
  });

  it.each(['zero', 'replicate', 'reflect'])('neighbours with a border: %s', (mode) => {
    const ring = [-1, 0, 1].flatMap((down) => [-1, 0, 1].map((right) => [down, right] as const)).filter(([d, r]) => d !== 0 || r !== 0);
    const all = [1, 2].flatMap((d) => ring.map(([down, right]) => [down * d, right * d] as const));
    close(
      one(`neighbours(image, dilations: [1, 2], pad: ${mode})`),
      build([2, 3, 4, 16, 3], ([b, i, j, p, k]) => {
        const [row, column] = [i + all[p][0], j + all[p][1]];
        if (mode === 'zero') return row < 0 || row > 2 || column < 0 || column > 3 ? 0 : read(image, [b, row, column, k]);
        return read(image, [b, place(row, 3, mode), place(column, 4, mode), k]);
      }),
    );
  });

  it('the centre stands in the middle of its ring', () => {
    close(one('neighbours(image, centre: true)[0.., 0.., 0.., 4]'), one('image'));
  });

  it('offsets without a border keep places that have all their neighbours', () => {
    close(
      one('neighbours(image, offsets: [(0, 0), (1, 1), (2, -1)], pad: none)'),
      build([2, 1, 2, 3, 3], ([b, i, j, p, k]) => read(image, [b, i + [0, 1, 2][p], j + 1 + [0, 1, -1][p], k])),
    );
  });
});

test('erf and iota', () => {
  expect(one('erf(full([1], 0.5))').data[0]).toBeCloseTo(0.5204998778130465, 12);
  expect(Array.from(one('float(iota(4))').data)).toEqual([0, 1, 2, 3]);
});

describe('convolutions', () => {
  /** The first two channels as a filter: [3, 4, 1, 3] over [2, 3, 4, 3] and such. */
  const filter = 'image[0..1, 0..2, 0..2, 0..3]';

  it('depthwise: each channel by itself', () => {
    const taps = `rearrange(${filter}, "1 p q c -> p q 1 c")`;
    close(
      one(`depthwise_conv2d(image, ${taps}, pad: 1)`),
      build([2, 4, 5, 3], ([b, i, j, c]) => {
        let sum = 0;
        for (const p of [0, 1])
          for (const q of [0, 1]) {
            const [row, column] = [i + p - 1, j + q - 1];
            if (row >= 0 && row < 3 && column >= 0 && column < 4) sum += read(image, [b, row, column, c]) * read(image, [0, p, q, c]);
          }
        return sum;
      }),
    );
  });

  it('transposed: the adjoint of the convolution', () => {
    const taps = `rearrange(${filter}, "1 p q c -> p q 1 c")`;
    // <conv2d_transpose(image), y> = <image, conv2d(y)> with y a plane of ones.
    const found = values(
      {
        left: `sum(conv2d_transpose(image, ${taps}, size: [2 * H, 2 * W], stride: 2))`,
        right: `sum(image * conv2d(ones([N, 2 * H, 2 * W, 1]), ${taps}, stride: 2))`,
      },
      fed,
    );
    expect(found.get('left')?.data[0]).toBeCloseTo(found.get('right')?.data[0] ?? Number.NaN, 9);
  });

  it('transposed: refuses a size that its convolution does not take back', () => {
    const line = `watch t = sum(conv2d_transpose(image, ones([2, 2, 1, 3]), size: [4 * H + 2, 2 * W], stride: 2))`;
    const found = reported(`  loss size = mean(square(net(image).layer4))\n  ${line}`);
    // The part of the image that stands for a filter is not proved to be there.
    expect(found.filter((r) => !r.startsWith('size-unproved'))).toEqual([`static-type: ${line}`]);
  });
});

describe('bicubic', () => {
  /** `F.interpolate(x, size=(4, 2), mode='bicubic')` of PyTorch for x = 0, 1, 4, 9, 16, 25 in two rows of three. */
  const squares = { ...fed, image: build([1, 2, 3, 3], ([, i, j, k]) => (i * 3 + j) ** 2 + k) };
  it.each([
    [
      'half_pixel',
      [
        -0.949249267578125, 1.261749267578125, 2.42034912109375, 7.85308837890625, 7.97027587890625, 18.70941162109375, 11.339874267578125,
        25.300750732421875,
      ],
    ],
    ['corners', [0.0, 4.0, 2.833333333333335, 10.611111111111116, 6.166666666666666, 18.388888888888886, 9.0, 25.0]],
  ] as const)('as PyTorch: %s', (convention, expected) => {
    const found = one(`resize(image, size: [4, 2], mode: bicubic, convention: ${convention})`, squares);
    expect(found.shape).toEqual([1, 4, 2, 3]);
    expected.forEach((v, place) => {
      for (const k of [0, 1, 2]) expect(found.data[3 * place + k]).toBeCloseTo(v + k, 4);
    });
  });
});
