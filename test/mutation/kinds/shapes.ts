/** Mistakes with sizes, axes, patterns and lists. */
import type { Expression } from '../../../compiler/syntax/ast.ts';
import type { MutationKind } from '../kind.ts';
import { declaredAt, placesOf, type Spec, textOf, within } from '../spec.ts';
import { isCallee, replaced, swapped, withoutItem } from './text.ts';

const AXES = ['space', 'channel', 'height', 'width', 'batch'];

/** One class more or less, another number of channels. */
function otherCount(spec: Spec, count: Expression): readonly string[] {
  if (count.kind === 'number') return count.integer ? [String(count.value + 1), String(count.value * 2)] : [];
  const text = textOf(spec, count);
  if (text === 'K') return ['K + 1', 'K - 1', '20'];
  if (/^K *\+ *1$/.test(text)) return ['K', 'K + 2'];
  return [];
}

export const SHAPES: readonly MutationKind[] = [
  {
    name: 'channel-count',
    mistake: 'a layer is made with another number of channels',
    promise: 'shapes',
    sites: (spec) =>
      placesOf(spec, 'call')
        .filter((place) => within(place, 'layer') !== undefined)
        .flatMap((place) => {
          const values = place.node.args
            .filter((a) => a.name === undefined || /width|channels|classes|out/.test(a.name.text))
            .map((a) => a.value);
          const counts = values.flatMap((value) => (value.kind === 'list' ? value.items : [value]));
          return counts.flatMap((count) => otherCount(spec, count).map((text) => replaced(place, count, text)));
        }),
  },
  {
    name: 'class-count',
    mistake: 'a type says one class too many or too few',
    promise: 'shapes',
    sites: (spec) =>
      placesOf(spec, 'named_type').flatMap((place) =>
        (place.node.dims ?? []).flatMap((dim) =>
          ['K', 'K + 1'].includes(textOf(spec, dim)) ? [replaced(place, dim, textOf(spec, dim) === 'K' ? 'K + 1' : 'K')] : [],
        ),
      ),
  },
  {
    name: 'wrong-axis',
    mistake: 'another axis is named',
    promise: 'shapes',
    sites: (spec) =>
      placesOf(spec, 'name')
        .filter((place) => AXES.includes(place.node.name.text) && !isCallee(place))
        .flatMap((place) => AXES.filter((a) => a !== place.node.name.text).map((axis) => replaced(place, place.node, axis))),
  },
  {
    name: 'pattern-letter',
    mistake: 'a letter of a pattern is another one',
    promise: 'shapes',
    sites: (spec) =>
      placesOf(spec, 'string')
        .filter(({ node }) => node.value.includes('->'))
        .flatMap((place) => {
          const { value, span } = place.node;
          const letters = [...new Set(value.match(/[a-z]\w*/g) ?? [])];
          return [...value.matchAll(/[a-z]\w*/g)].flatMap((m) =>
            [...letters, 'z']
              .filter((letter) => letter !== m[0])
              .map((letter) => ({
                start: span.start + 1 + m.index,
                end: span.start + 1 + m.index + m[0].length,
                text: letter,
                blames: declaredAt(place),
              })),
          );
        }),
  },
  {
    name: 'pattern-order',
    mistake: 'the axes on the right of a pattern stand in another order',
    promise: 'shapes',
    sites: (spec) =>
      placesOf(spec, 'string')
        .filter(({ node }) => node.value.includes('->'))
        .flatMap((place) => {
          const [left, right] = place.node.value.split('->');
          const axes = right.trim().split(/\s+/);
          return axes.slice(1).map((_, i) => {
            const order = axes.with(i, axes[i + 1]).with(i + 1, axes[i]);
            return replaced(place, place.node, `"${left}-> ${order.join(' ')}"`);
          });
        })
        .filter((site) => spec.text.slice(site.start, site.end) !== site.text),
  },
  {
    name: 'short-list',
    mistake: 'a list has an item too few',
    promise: 'shapes',
    sites: (spec) =>
      placesOf(spec, 'list')
        .filter(({ node }) => node.items.length > 1)
        .map((place) => withoutItem(spec, place.node.items, place.node.items.length - 1, declaredAt(place))),
  },
  {
    name: 'long-list',
    mistake: 'a list has an item too many',
    promise: 'shapes',
    sites: (spec) =>
      placesOf(spec, 'list')
        .filter(({ node }) => node.items.length > 1)
        .map((place) => {
          const last = place.node.items[place.node.items.length - 1];
          return { start: last.span.end, end: last.span.end, text: `, ${textOf(spec, last)}`, blames: declaredAt(place) };
        }),
  },
  {
    name: 'height-for-width',
    mistake: 'the two sizes of a list stand in the wrong order',
    promise: 'shapes',
    sites: (spec) =>
      placesOf(spec, 'list')
        .filter(({ node }) => node.items.length === 2 && textOf(spec, node.items[0]) !== textOf(spec, node.items[1]))
        .filter((place) => within(place, 'hyper', 'pipeline') === undefined)
        .map((place) => swapped(spec, place, place.node.items[0], place.node.items[1])),
  },
  {
    name: 'half-size',
    mistake: 'a size is half of what it should be',
    promise: 'shapes',
    sites: (spec) =>
      placesOf(spec, 'list')
        .filter((place) => place.above.at(-1)?.kind === 'call' && place.node.items.length === 2)
        .flatMap((place) => place.node.items.map((item) => replaced(place, item, `ceil((${textOf(spec, item)}) / 2)`))),
  },
  {
    name: 'axes-of-a-type',
    mistake: 'two axes of a type stand in the wrong order',
    promise: 'shapes',
    sites: (spec) =>
      placesOf(spec, 'named_type').flatMap((place) => {
        const dims = place.node.dims ?? [];
        return dims
          .slice(1)
          .flatMap((_, i) => (textOf(spec, dims[i]) === textOf(spec, dims[i + 1]) ? [] : [swapped(spec, place, dims[i], dims[i + 1])]));
      }),
  },
  {
    name: 'missing-axis',
    mistake: 'a type has an axis too few',
    promise: 'shapes',
    sites: (spec) =>
      placesOf(spec, 'named_type').flatMap((place) =>
        (place.node.dims ?? []).length > 1
          ? (place.node.dims ?? []).map((_, i) => withoutItem(spec, place.node.dims ?? [], i, declaredAt(place)))
          : [],
      ),
  },
  {
    name: 'shifted-slice',
    mistake: 'a slice starts one too late',
    promise: 'shapes',
    sites: (spec) =>
      placesOf(spec, 'range')
        .filter(({ above, node }) => above.at(-1)?.kind === 'index' && node.from?.kind === 'number')
        .map((place) => replaced(place, place.node.from!, String(Number(textOf(spec, place.node.from!)) + 1))),
  },
];
