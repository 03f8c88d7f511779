/** Edits as authors make them, on the tree of a spec: each is one difference of a known class. */
import type { DiffClass } from '../../../compiler/diff/classes.ts';
import type { CallExpression, Expression } from '../../../compiler/syntax/ast.ts';
import { placesOf, type Spec, textOf } from '../../mutation/spec.ts';

/** Draws whole numbers below n. */
export type Draw = (n: number) => number;

export interface Edit {
  readonly name: string;
  readonly class: DiffClass;
  /** The edited text; undefined where the spec has no place for it. */
  readonly make: (spec: Spec, draw: Draw) => string | undefined;
}

interface Ranged {
  readonly span: { readonly start: number; readonly end: number };
}

export function replaced(spec: Spec, at: Ranged, by: string): string {
  return spec.text.slice(0, at.span.start) + by + spec.text.slice(at.span.end);
}

function after(spec: Spec, at: Ranged, text: string): string {
  return spec.text.slice(0, at.span.end) + text + spec.text.slice(at.span.end);
}

function one<T>(items: readonly T[], draw: Draw): T | undefined {
  return items[draw(Math.max(1, items.length))];
}

/** Another number of the same kind, near enough to be sound: 3 of 4, 0.75 of 0.1. */
function other(value: number, draw: Draw): string {
  if (!Number.isInteger(value) || value === 1) return String(Number((value * [0.5, 0.75, 0.25][draw(3)]).toPrecision(3)));
  return String(value + [8, 16, 24][draw(3)]);
}

const calls = (spec: Spec, ...names: readonly string[]): readonly CallExpression[] =>
  placesOf(spec, 'call').flatMap(({ node }) => (node.callee.kind === 'name' && names.includes(node.callee.name.text) ? [node] : []));

const argument = (call: CallExpression, name: string): Expression | undefined => call.args.find((a) => a.name?.text === name)?.value;

/** Changes the number that a named argument of one of these calls has. */
function numberOf(callees: readonly string[], name: string, change?: (value: number, draw: Draw) => string): Edit['make'] {
  return (spec, draw) => {
    const at = one(
      calls(spec, ...callees).flatMap((call) => argument(call, name) ?? []),
      draw,
    );
    return at?.kind === 'number' ? replaced(spec, at, (change ?? other)(at.value, draw)) : undefined;
  };
}

function setting(name: string, to: (text: string, draw: Draw) => string): Edit['make'] {
  return (spec, draw) => {
    const item = placesOf(spec, 'setting').find(({ node }) => node.name.text === name)?.node;
    return item && replaced(spec, item.value, to(textOf(spec, item.value), draw));
  };
}

const statement = (spec: Spec, kind: 'let' | 'loss' | 'layer', name: string) =>
  placesOf(spec, kind).find(({ node }) => ('names' in node ? node.names[0].text : node.name.text) === name)?.node;

/** Puts something around the use of a value in a statement. */
function around(kind: 'let' | 'loss', name: string, value: string, wrap: (text: string) => string): Edit['make'] {
  return (spec) => {
    const found = statement(spec, kind, name);
    if (!found) return undefined;
    const text = textOf(spec, found.value);
    return text.includes(value) ? replaced(spec, found.value, text.replace(value, wrap(value))) : undefined;
  };
}

export const EDITS: readonly Edit[] = [
  {
    name: 'another value of a hyper',
    class: 'hyper-parameter',
    make: (spec, draw) => {
      const hyper = one(placesOf(spec, 'hyper'), draw)?.node.value;
      if (hyper?.kind === 'number') return replaced(spec, hyper, other(hyper.value, draw));
      const item = hyper?.kind === 'list' ? one(hyper.items, draw) : undefined;
      return item?.kind === 'number' ? replaced(spec, item, item.integer ? String(item.value + 8) : '1.5') : undefined;
    },
  },
  { name: 'another number of epochs', class: 'schedule', make: setting('epochs', (_, draw) => String(2 + draw(5))) },
  { name: 'another batch', class: 'hyper-parameter', make: setting('batch', (_, draw) => String([4, 8, 32][draw(3)])) },
  {
    name: 'another schedule',
    class: 'schedule',
    make: setting('schedule', (_, draw) => ['cosine()', 'poly(0.5)', 'constant()', 'step_down([0.5], 0.1)'][draw(4)]),
  },
  { name: 'another warm-up', class: 'schedule', make: setting('warmup', (_, draw) => ['0.05', '0.3', '100'][draw(3)]) },
  { name: 'another clipping', class: 'hyper-parameter', make: setting('clip', (_, draw) => String(1 + draw(4))) },
  {
    name: 'another optimiser',
    class: 'hyper-parameter',
    make: setting('optimizer', (_, draw) => ['adam(lr: rate)', 'adamw(lr: rate, weight_decay: 1e-4)', 'muon(lr: rate)'][draw(3)]),
  },
  { name: 'another momentum', class: 'hyper-parameter', make: numberOf(['sgd'], 'momentum', (_, draw) => ['0.5', '0.8', '0.0'][draw(3)]) },
  {
    name: 'another weight decay',
    class: 'hyper-parameter',
    make: numberOf(['sgd'], 'weight_decay', (_, draw) => ['5e-4', '0.0', '1e-3'][draw(3)]),
  },
  {
    name: 'another factor of a group',
    class: 'hyper-parameter',
    make: (spec, draw) => {
      const found = one(
        placesOf(spec, 'group').flatMap(({ node }) => node.settings),
        draw,
      );
      return found && replaced(spec, found.value, String(2 + draw(5)));
    },
  },
  {
    name: 'a group that is gone',
    class: 'hyper-parameter',
    make: (spec, draw) => {
      const found = one(placesOf(spec, 'group'), draw);
      return found && replaced(spec, found.node, '');
    },
  },
  {
    name: 'something else frozen',
    class: 'gradient flow',
    make: (spec, draw) => {
      const found = placesOf(spec, 'freeze')[0];
      return found && replaced(spec, found.node, `freeze ${['none', 'net.stem, net.norm', 'net.stem, net.layer2'][draw(3)]}`);
    },
  },
  {
    name: 'another weight of a loss',
    class: 'loss',
    make: (spec, draw) => {
      const loss = one(placesOf(spec, 'loss'), draw)?.node;
      if (!loss) return undefined;
      return loss.weight
        ? replaced(spec, loss.weight, ['0.1', '2.0'][draw(2)])
        : after(spec, loss.name, ` weight ${['0.1', '2.0'][draw(2)]}`);
    },
  },
  {
    name: 'a loss from another epoch on',
    class: 'schedule',
    make: (spec, draw) => {
      const loss = placesOf(spec, 'loss').find(({ node }) => node.fromEpoch)?.node;
      return loss?.fromEpoch && replaced(spec, loss.fromEpoch, String(2 + draw(4)));
    },
  },
  {
    name: 'one more loss',
    class: 'loss',
    make: (spec, draw) => {
      const last = placesOf(spec, 'loss').at(-1)?.node;
      const value = ['mean(square(maps))', 'mean(abs(shallow)) * 0.1', 'soft_margin(gap(relu(maps)), tags)'][draw(3)];
      return last && after(spec, last, `\n  loss extra = ${value}`);
    },
  },
  { name: 'another formula of a loss', class: 'loss', make: around('loss', 'agree', 'abs(', () => 'square(') },
  {
    name: 'a loss inside a sum',
    class: 'loss',
    make: around('loss', 'cls', 'soft_margin(score, tags)', (text) => `${text} + mean(square(score)) * 0.01`),
  },
  { name: 'a detach in a loss', class: 'gradient flow', make: around('loss', 'agree', 'target', (text) => `detach(${text})`) },
  { name: 'a detach in the network', class: 'gradient flow', make: around('let', 'valid', 'tags', (text) => `detach(${text})`) },
  { name: 'a detach less', class: 'gradient flow', make: around('let', 'shallow', 'detach(x.layer3)', () => 'x.layer3') },
  { name: 'a detach inside a module', class: 'gradient flow', make: around('let', 'inner', 'pooled', (text) => `detach(${text})`) },
  {
    name: 'another width of a layer',
    class: 'architecture',
    make: (spec, draw) => {
      const at = calls(spec, 'attention_gate')[0]?.args[0]?.value;
      return at && replaced(spec, at, String([8, 12, 40][draw(3)]));
    },
  },
  {
    name: 'other widths of the backbone',
    class: 'architecture',
    make: (spec, draw) => {
      const at = argument(calls(spec, 'small_residual')[0], 'widths');
      return at && replaced(spec, at, ['[16, 32, 64, 64]', '[8, 16, 48, 64]', '[16, 32, 48, 96]'][draw(3)]);
    },
  },
  {
    name: 'another kernel',
    class: 'architecture',
    make: (spec, draw) => {
      const layer = statement(spec, 'layer', 'side');
      const to = ['conv(K, kernel: 5, pad: 2)', 'conv(K, kernel: 1)', 'conv(K, kernel: 3, pad: 2, dilation: 2)'][draw(3)];
      return layer && replaced(spec, layer.value, to);
    },
  },
  {
    name: 'a bias',
    class: 'architecture',
    make: (spec) => {
      const layer = statement(spec, 'layer', 'classifier');
      return layer && replaced(spec, layer.value, 'conv(K, kernel: 1)');
    },
  },
  {
    name: 'another stride',
    class: 'architecture',
    make: around('let', 'deep', 'relu(x.layer4)', (text) => `avg_pool(${text}, window: 2, stride: 2)`),
  },
  { name: 'another activation', class: 'architecture', make: around('let', 'deep', 'relu(', () => 'sigmoid(') },
  {
    name: 'an activation inside a module',
    class: 'architecture',
    make: around('let', 'inner', 'squeeze(pooled)', (text) => `relu(${text})`),
  },
  {
    name: 'another first value',
    class: 'architecture',
    make: (spec) => {
      const layer = statement(spec, 'layer', 'classifier');
      return layer && replaced(spec, layer.value, 'conv(K, kernel: 1, bias: false, init: normal(0.01))');
    },
  },
  {
    name: 'one more layer',
    class: 'architecture',
    make: (spec, draw) => {
      const [layer, use] = [statement(spec, 'layer', 'side'), statement(spec, 'let', 'deep')];
      if (!layer || !use) return undefined;
      const calls = [
        'more(gate(reduce(relu(x.layer4))))',
        'relu(more(gate(reduce(relu(x.layer4)))))',
        'gate(relu(more(reduce(relu(x.layer4)))))',
      ];
      const text = replaced(spec, use.value, calls[draw(3)]);
      // The layer stands before the use: offsets up to it are as they were.
      return `${text.slice(0, layer.span.start)}layer more = conv(32, kernel: 1)\n  ${text.slice(layer.span.start)}`;
    },
  },
  {
    name: 'one more layer in a list',
    class: 'architecture',
    make: (spec) => {
      const layer = statement(spec, 'layer', 'reduce');
      return layer && replaced(spec, layer.value, '[conv(d, kernel: 3, pad: 1, bias: false) for d in dims + [40]]');
    },
  },
  { name: 'another number in a formula', class: 'hyper-parameter', make: around('let', 'shallow', '0.9', () => '0.5') },
  {
    name: 'another crop',
    class: 'data',
    make: (spec, draw) => {
      const at = calls(spec, 'crop', 'flip')[draw(2)]?.args[0]?.value;
      return at?.kind === 'number' ? replaced(spec, at, at.integer ? String(at.value + 32) : '0.25') : undefined;
    },
  },
  {
    name: 'one more step of a view',
    class: 'data',
    make: (spec) => spec.text.replace('|> normalize(imagenet) |> flip', '|> channel_jitter(0.1, 0.1) |> normalize(imagenet) |> flip'),
  },
  { name: 'a step less', class: 'data', make: (spec) => spec.text.replace(' |> flip(0.5)', '') },
  { name: 'another split', class: 'data', make: (spec) => spec.text.replace('data voc.train_aug', 'data voc.train') },
  {
    name: 'more supervision',
    class: 'supervision',
    make: (spec, draw) => spec.text.replace('supervision tags', `supervision tags + ${['saliency', 'boxes'][draw(2)]}`),
  },
  {
    name: 'another scale at inference',
    class: 'protocol',
    make: (spec, draw) => {
      const at = statement(spec, 'let', 'maps') && placesOf(spec, 'comprehension').at(-2)?.node.clauses[0].iterable;
      return at && textOf(spec, at) === 'scales' ? replaced(spec, at, ['scales + [1.5]', '[1.0, 1.5]', '[1.0]'][draw(3)]) : undefined;
    },
  },
  {
    name: 'another number at inference',
    class: 'protocol',
    make: (spec) => spec.text.replace('"n k -> n 1 1 k"), 1e-4)', '"n k -> n 1 1 k"), 1e-6)'),
  },
  { name: 'another threshold', class: 'protocol', make: numberOf(['threshold'], 'to', () => '0.5') },
  {
    name: 'another constant of the CRF',
    class: 'protocol',
    make: numberOf(['gaussian', 'bilateral'], 'weight', (value, draw) => String(value + 1 + draw(3))),
  },
  { name: 'other iterations of the CRF', class: 'protocol', make: numberOf(['crf'], 'iterations', (_, draw) => String(6 + draw(5))) },
  {
    name: 'another protocol of evaluation',
    class: 'protocol',
    make: (spec) => spec.text.replace('predicted255: exclude', 'predicted255: background'),
  },
  {
    name: 'evaluation elsewhere',
    class: 'protocol',
    make: (spec) => spec.text.replace('evaluate(pseudo, on: voc.train', 'evaluate(pseudo, on: voc.train_aug'),
  },
  {
    name: 'one more stage',
    class: 'protocol',
    make: (spec) => spec.text.replace('    stage page', '    stage trivial = baseline(on: voc.train)\n    stage page'),
  },
  {
    name: 'a stage between two others',
    class: 'protocol',
    make: (spec) =>
      spec.text
        .replace('    stage pseudo_scores', '    stage labels = masks(cams, threshold: cut)\n    stage pseudo_scores')
        .replace('evaluate(pseudo, on', 'evaluate(labels, on'),
  },
  {
    name: 'a pipeline that trains longer',
    class: 'schedule',
    make: (spec) => spec.text.replace('voc.train_aug, epochs: 8', 'voc.train_aug, epochs: 9'),
  },
  {
    name: 'a pipeline that trains elsewhere',
    class: 'data',
    make: (spec) => spec.text.replace('train(this, on: voc.train_aug', 'train(this, on: voc.train'),
  },
];

/** Edits that change nothing that is computed. */
export const COSMETIC: readonly Edit[] = [
  { name: 'another paper', class: 'cosmetic', make: (spec) => spec.text.replace('venue: "nowhere"', 'venue: "somewhere"') },
  { name: 'another title of the report', class: 'cosmetic', make: (spec) => spec.text.replace('"What came out"', '"Results"') },
  { name: 'another label of scores', class: 'cosmetic', make: (spec) => spec.text.replace('label: "seeds"', 'label: "cams"') },
  { name: 'something watched less', class: 'cosmetic', make: (spec) => spec.text.replace('  watch spread = mean(square(maps))\n', '') },
];
