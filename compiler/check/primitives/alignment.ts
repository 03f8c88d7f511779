/** Maps that lie over one view of an image, brought into the frame of another: views carry their geometry, which is drawn with them. */
import type { Kind, Node } from '../../ops/graph.ts';
import { constant, type Dim } from '../../shape/dim.ts';
import { geometryInput } from '../data/geometry.ts';
import { tensor, type Value } from '../values.ts';
import { type Reader, Refused } from './arguments.ts';
import { constantNode, node, type Primitive } from './primitive.ts';

/** Inputs that lie over their view pixel by pixel. */
const OVER_A_VIEW: readonly Kind[] = ['image', 'region', 'labels', 'mask', 'saliency'];

const ONE = constant(1);

/** The argument as an input that a view fills. */
function viewOf(r: Reader, name: 'from' | 'to'): Node {
  const found = r.tensor(name);
  if (found.op === 'input' && found.attrs.role === 'batch' && OVER_A_VIEW.includes(found.kind)) return found;
  r.E.report(
    'not-a-view',
    r.span(name),
    { where: `${name} of ${r.callee}` },
    { hint: `name the input itself: input small: Image[N, h, w, 3]` },
  );
  throw new Refused();
}

function bothViews(r: Reader): readonly [from: Node, to: Node] {
  const [from, to] = [viewOf(r, 'from'), viewOf(r, 'to')];
  const record = (input: Node): string => String(input.attrs.name).split('.').slice(0, -1).join('.');
  if (record(from) !== record(to)) {
    const image = (input: Node): string => (record(input) === '' ? 'the image that is trained on' : `its partner '${record(input)}'`);
    r.E.report(
      'unrelated-views',
      r.at,
      { from: String(from.attrs.name), to: String(to.attrs.name) },
      { hint: `the one is of ${image(from)}, the other of ${image(to)}: no place of theirs is the same` },
    );
    throw new Refused();
  }
  return [from, to];
}

/** Height and width of the result: of `like`, or of the view that it lies over. */
function targetSize(r: Reader, to: Node): readonly [Dim, Dim] {
  if (r.has('size')) {
    const size = r.dims('size');
    if (size.length !== 2) throw r.wrong('size', '[height, width]');
    return [size[0], size[1]];
  }
  const { shape } = r.has('like') ? r.tensor('like').type : to.type;
  if (shape.length < 3) throw r.wrong('like', 'a map [N, H, W, C]');
  return [shape[1], shape[2]];
}

/**
 * Where the centre of each element of the result lies in the view `from`: -1 and 1 are its outer edges, along each axis, [N, 1, w, 1] and
 * [N, h, 1, 1]. A place u of the view `to` shows the place a u + c of the image, so that of `from` is (a u + c - c') / a'.
 */
function places(r: Reader, from: Node, to: Node, sides: readonly [Dim, Dim]): { readonly x: Node; readonly y: Node } {
  const [n] = to.type.shape;
  const [source, target] = [from, to].map((view) => geometryInput(r.E, view));
  const number = (geometry: Node, at: number): Node => {
    const cut = node(r, 'slice', [geometry], { starts: [constant(0), constant(at)], sizes: [n, ONE] });
    return node(r, 'reshape', [cut], { shape: [n, ONE, ONE, ONE] });
  };
  const along = (side: Dim, shape: readonly Dim[], at: number): Node => {
    const index = node(r, 'cast', [node(r, 'iota', [], { size: side })], { dtype: 'f32' });
    const centre = node(r, 'add', [node(r, 'mul', [index, constantNode(r, 2)]), constantNode(r, 1)]);
    const share = node(r, 'div', [centre, node(r, 'dim', [], { value: side, dtype: 'f32' })]);
    const place = node(r, 'reshape', [node(r, 'sub', [share, constantNode(r, 1)])], { shape });
    const shown = node(r, 'add', [node(r, 'mul', [place, number(target, at)]), number(target, at + 1)]);
    return node(r, 'div', [node(r, 'sub', [shown, number(source, at + 1)]), number(source, at)]);
  };
  return { x: along(sides[1], [ONE, ONE, sides[1], ONE], 0), y: along(sides[0], [ONE, sides[0], ONE, ONE], 2) };
}

/** 1 where a place lies in the view, [N, h, w, 1]. */
function within(r: Reader, { x, y }: { readonly x: Node; readonly y: Node }): Node {
  const [across, down] = [x, y].map((place) =>
    node(r, 'cast', [node(r, 'less_equal', [node(r, 'abs', [place]), constantNode(r, 1)])], { dtype: 'f32' }),
  );
  return node(r, 'mul', [across, down]);
}

function align(r: Reader): Value {
  const x = r.tensor('x');
  const { shape } = x.type;
  if (shape.length !== 4) throw r.wrong('x', 'a map [N, H, W, C]');
  const [from, to] = bothViews(r);
  const [height, width] = targetSize(r, to);
  const at = places(r, from, to, [height, width]);
  const whole = [to.type.shape[0], height, width, ONE];
  const grid = node(
    r,
    'concat',
    [at.x, at.y].map((place) => node(r, 'broadcast_to', [place], { shape: whole })),
    { axis: 3 },
  );
  const moved = node(r, 'grid_sample', [x, grid], { corners: false, border: 'replicate' });
  return tensor(node(r, 'mul', [moved, within(r, at)]));
}

export const ALIGNMENT: Readonly<Record<string, Primitive>> = {
  align: {
    params: ['x: Tensor', 'from: Image', 'to: Image', 'like: Tensor = none', 'size: size = none'],
    returns: 'Tensor',
    doc: 'A map [N, h, w, C] that lies over the view `from`, in the frame of the view `to` of the same image: crops, mirrors, scales and shifts as they were drawn for each image. As large as `to`, or as `like` or `size` say. Bilinear at half-pixel centres as resize; what the view `from` does not show is 0 (`overlap` says where). Gradients go to the map.',
    run: align,
  },
  overlap: {
    params: ['from: Image', 'to: Image', 'like: Tensor = none', 'size: size = none'],
    returns: 'Region',
    doc: 'Where the view `to` shows what the view `from` shows too, its padding included: 1 there, 0 elsewhere, [N, H, W, 1] of the size of `to`, or as `like` or `size` say.',
    run: (r) => {
      const [from, to] = bothViews(r);
      return tensor(node(r, 'identity', [within(r, places(r, from, to, targetSize(r, to)))], { kind: 'region' }));
    },
  },
};
