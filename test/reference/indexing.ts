/** References of the primitives that find elements by indices. */
import type { Reference } from './attributes.ts';
import { build, offset, read, zeros } from './ndarray.ts';

/** The index with another place along one axis. */
function moved(index: readonly number[], axis: number, place: number): readonly number[] {
  return index.map((i, d) => (d === axis ? place : i));
}

export const INDEXING: Readonly<Record<string, Reference>> = {
  gather: ([x, indices], attrs) => {
    const axis = attrs.number('axis');
    const rank = indices.shape.length;
    return build([...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)], (index) =>
      read(x, [...index.slice(0, axis), read(indices, index.slice(axis, axis + rank)), ...index.slice(axis + rank)]),
    );
  },
  scatter_add: ([indices, updates], attrs) => {
    const axis = attrs.number('axis');
    const rank = indices.shape.length;
    const result = zeros([...updates.shape.slice(0, axis), attrs.number('size'), ...updates.shape.slice(axis + rank)]);
    build(updates.shape, (index) => {
      const to = [...index.slice(0, axis), read(indices, index.slice(axis, axis + rank)), ...index.slice(axis + rank)];
      result.data[offset(result.shape, to)] += read(updates, index);
      return 0;
    });
    return result;
  },
  gather_along: ([x, indices], attrs) => build(indices.shape, (index) => read(x, moved(index, attrs.number('axis'), read(indices, index)))),
  scatter_add_along: ([indices, updates], attrs) => {
    const axis = attrs.number('axis');
    const result = zeros(updates.shape.map((n, d) => (d === axis ? attrs.number('size') : n)));
    build(updates.shape, (index) => {
      result.data[offset(result.shape, moved(index, axis, read(indices, index)))] += read(updates, index);
      return 0;
    });
    return result;
  },
  top_indices: ([x], attrs) => {
    const axis = attrs.number('axis');
    const places = Array.from({ length: x.shape[axis] }, (_, i) => i);
    return build(
      x.shape.map((n, d) => (d === axis ? attrs.number('count') : n)),
      (index) => {
        const line = places.map((place) => read(x, moved(index, axis, place)));
        const order = [...places].sort((a, b) => (attrs.flag('largest') ? line[b] - line[a] : line[a] - line[b]) || a - b);
        return order[index[axis]];
      },
    );
  },
  one_hot: ([indices], attrs) =>
    build([...indices.shape, attrs.number('depth')], (index) => Number(read(indices, index.slice(0, -1)) === index[index.length - 1])),
};
