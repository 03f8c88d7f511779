/** Tensors between the order of axes of a file and that of the program. */
import { describe, expect, test } from 'vitest';
import { toFile, toProgram } from '../../../runtime/compare/axes.ts';
import { CompareError } from '../../../runtime/compare/errors.ts';
import type { AxisOrder } from '../../../runtime/compare/plan.ts';

const order = (text: string): AxisOrder => {
  const [file, program] = text.split(' -> ').map((side) => side.split(' '));
  return { file, program };
};

/** Elements count up in the order of the file. */
const counting = (...shape: number[]) => ({ shape, data: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i) });

describe('from the file to the program', () => {
  test('channels go last', () => {
    const { shape, data } = toProgram(counting(2, 3, 2, 2), order('n c h w -> n h w c'), 'in.x');
    expect(shape).toEqual([2, 2, 2, 3]);
    for (const [n, c, h, w] of [
      [0, 0, 0, 1],
      [1, 2, 0, 1],
      [1, 1, 1, 0],
    ])
      expect(data[((n * 2 + h) * 2 + w) * 3 + c]).toBe(((n * 3 + c) * 2 + h) * 2 + w);
  });

  test('an axis of one comes or goes', () => {
    expect(toProgram(counting(3, 2, 2), order('c h w -> 1 h w c'), 'in.x')).toMatchObject({ shape: [1, 2, 2, 3] });
    expect(toProgram(counting(2, 1, 2, 3), order('n 1 h w -> n h w'), 'in.x')).toMatchObject({ shape: [2, 2, 3] });
  });

  test('without an order nothing moves', () => {
    const tensor = counting(2, 2);
    expect(toProgram(tensor, undefined, 'in.x')).toBe(tensor);
  });
});

test.each(['n c h w -> n h w c', 'o i h w -> h w i o', 'n p q c -> c n q p'])('%s and back', (text) => {
  const tensor = counting(2, 3, 4, 5);
  const there = toProgram(tensor, order(text), 'in.x');
  const back = toFile(there, order(text), 'out.x');
  expect(back.shape).toEqual(tensor.shape);
  expect([...Array.from(back.data)]).toEqual(tensor.data);
});

describe('an order that does not fit', () => {
  test.each([
    ['another number of axes', counting(2, 3), 'n c h w -> n h w c'],
    ['an axis of one that is longer', counting(2, 3, 2, 2), 'n 1 h w -> n h w'],
  ])('%s', (_, tensor, text) => {
    expect(() => toProgram(tensor, order(text), 'in.x')).toThrow(CompareError);
    expect(() => toProgram(tensor, order(text), 'in.x')).toThrow(/'in\.x' has the shape \[[\d, ]+\], which does not fit the layout/);
  });
});
