/** What a method's losses do not train, in the author's terms. The findings are `flow/unreached.ts`'s; this says them. */
import { joinOr } from '../diagnostics/suggest.ts';
import { asMember, partsOf } from '../flow/parts.ts';
import { type CutOff, type IdleLoss, type Untrained, untrained } from '../flow/unreached.ts';
import type { Graph, Node } from '../ops/graph.ts';
import type { Span } from '../source/source.ts';
import type { MethodMember } from '../syntax/ast.ts';
import type { Elaboration } from './elaboration.ts';
import { lossesAmong } from './training/losses.ts';
import type { MethodSource } from './variants.ts';
import { sourceText } from './views.ts';

/** Reports trainable parameters that no loss reaches, losses that reach nothing, and the operators that stand between them. */
export function checkGradients(E: Elaboration, source: MethodSource, graph: Graph, frozen: ReadonlySet<string>): void {
  const parameters = [...E.session.states.values()].flatMap((s) => (s.role === 'parameter' ? [s.key] : []));
  const found = untrained(graph, parameters, frozen);
  const report = new FlowReport(E, source, found);
  const block = source.members.find((m) => m.kind === 'train');
  const inStep = graph.nodes.some((n) => n.op === 'input' && n.attrs.role === 'state' && parameters.includes(String(n.attrs.name)));
  if (found.trainable.length === 0 && inStep && frozen.size > 0 && block?.kind === 'train') {
    const freeze = block.items.find((item) => item.kind === 'freeze');
    E.report(
      'nothing-trains',
      freeze?.span ?? block.span,
      { method: source.name },
      { hint: 'leave at least the last layers out of freeze' },
    );
    return;
  }
  for (const { loss, node } of found.ruleless) E.report('no-vjp', report.placeOf(node), { operator: operatorWords(node).name, loss });
  for (const cut of found.cutOff) report.cutOff(cut);
  report.unread();
  for (const loss of found.idle) report.idle(loss);
}

/** Warns of layers that only inference calls: what they hold is never trained. `known` are the keys of the training step. */
export function checkInferenceOnly(E: Elaboration, source: MethodSource, known: ReadonlySet<string>, program: string): void {
  const block = source.members.find((m) => m.kind === 'train');
  if (block?.kind !== 'train') return;
  const frozen = new Set(block.items.flatMap((item) => (item.kind === 'freeze' ? item.members.map((m) => sourceText(m)) : [])));
  for (const member of source.members) {
    // A backbone comes with weights of its own.
    if (member.kind !== 'layer' || member.role === 'backbone' || frozen.has(member.name.text)) continue;
    const keys = [...E.session.states.values()].filter((s) => s.role === 'parameter' && s.key.startsWith(`${member.name.text}.`));
    if (keys.length > 0 && !keys.some((s) => known.has(s.key)))
      E.report(
        'inference-only',
        member.name.span,
        { name: member.name.text, program },
        { hint: `if that is meant, say so in train: freeze ${member.name.text}` },
      );
  }
}

class FlowReport {
  readonly #E: Elaboration;
  readonly #source: MethodSource;
  readonly #found: Untrained;

  constructor(E: Elaboration, source: MethodSource, found: Untrained) {
    this.#E = E;
    this.#source = source;
    this.#found = found;
  }

  /** The author's own line that a node came from. */
  placeOf(node: Node): Span {
    return this.#E.authorSpan(node) ?? node.span ?? this.#source.span;
  }

  cutOff(cut: CutOff): void {
    const parts = this.#parts(cut.keys);
    const hard = cut.at.filter((b) => b.why !== 'stop');
    if (hard.length === 0) {
      // One message, however many layers the same detach cuts off: at the first of them.
      this.#E.report(
        'parameter-unreached',
        this.#declaration(parts[0]),
        { name: parts.join("', '") },
        {
          labels: [
            ...cut.at.map(({ node }) => ({ span: this.placeOf(node), text: `${this.#words(node).name} ends the gradient here` })),
            ...this.#variant(),
          ],
          hint: `${cut.at.every(({ node }) => this.#E.cutByBlock.has(node)) ? 'compute it outside no_grad' : 'take the detach away'}, or say that ${parts.length === 1 ? 'it does' : 'they do'} not train: freeze ${parts.map(asMember).join(', ')}`,
        },
      );
      return;
    }
    const { node } = hard[0];
    const words = this.#words(node);
    this.#E.report(
      'gradient-blocked',
      this.placeOf(node),
      { operator: words.name, losses: `the loss ${quoted(cut.losses)}`, parameters: quoted(parts) },
      {
        labels: [
          ...this.#inside(node),
          ...hard.slice(1).map((b) => ({ span: this.placeOf(b.node), text: `${this.#words(b.node).name} has none either` })),
          ...this.#declared(parts),
          ...this.#variant(),
        ],
        hint: words.instead,
      },
    );
  }

  /** As the author knows it: what leaves a `no_grad` is cut by the block. */
  #words(node: Node): { readonly name: string; readonly instead: string } {
    return this.#E.cutByBlock.has(node)
      ? { name: 'no_grad', instead: 'compute it outside no_grad, or make the loss a watch' }
      : operatorWords(node);
  }

  unread(): void {
    for (const part of this.#parts(this.#found.unread)) {
      // A layer that only a removed loss read: the ablation leaves it as it starts.
      const taken = this.#takenOver(part);
      const tensors = this.#found.unread.filter((key) => key === part || key.startsWith(`${part}.`)).length;
      if (part.includes('.') || taken)
        this.#E.report(
          'part-unreached',
          this.#declaration(part),
          { part, tensors: tensors === 1 ? '1 tensor' : `${tensors} tensors` },
          { labels: this.#variant(), hint: `if that is meant, say so in train: freeze ${asMember(part)}` },
        );
      else
        this.#E.report(
          'parameter-unreached',
          this.#declaration(part),
          { name: part },
          {
            labels: this.#variant(),
            hint: `no loss reads what it gives: use it in a loss, or say that it does not train: freeze ${asMember(part)}`,
          },
        );
    }
  }

  idle(loss: IdleLoss): void {
    const at = lossesAmong(this.#source.members).find((m) => m.name.text === loss.name);
    const span = at?.name.span ?? this.#source.span;
    const labels = loss.at.flatMap(({ node }) => [
      {
        span: this.placeOf(node),
        text: `${this.#words(node).name} ends its gradient here`,
      },
    ]);
    const reason =
      loss.why === 'frozen'
        ? 'all it depends on is frozen'
        : loss.why === 'constant'
          ? 'it depends on no layer'
          : `its gradient ends at ${joinOr([...new Set(loss.at.map((b) => this.#words(b.node).name))])}`;
    const watch = `a number that is only looked at is written: watch ${loss.name} = …`;
    const hint =
      loss.why === 'cut'
        ? this.#words(loss.at[0].node).instead
        : loss.why === 'frozen'
          ? `leave what it should train out of freeze; ${watch}`
          : watch;
    this.#E.report('loss-reaches-nothing', span, { name: loss.name, reason }, { labels: [...labels, ...this.#variant()], hint });
  }

  /** Whether a layer stands in the method of this variant, where a loss reads it. */
  #takenOver(part: string): boolean {
    const { variant } = this.#source;
    const { file, start } = this.#declaration(part);
    return variant !== undefined && (file !== variant.file || start < variant.start || start >= variant.end);
  }

  /** The largest parts of the method whose trainable parameters are all among the keys: `net`, or `net.layer3`, `net.layer4`. */
  #parts(keys: readonly string[]): readonly string[] {
    return partsOf(this.#found.trainable, new Set(keys));
  }

  /** Which variant it is about: the place that is shown may stand in its method. */
  #variant(): { readonly span: Span; readonly text: string }[] {
    return this.#source.variant ? [{ span: this.#source.span, text: 'in this variant' }] : [];
  }

  #member(part: string): MethodMember | undefined {
    const name = part.split('.')[0];
    return this.#source.members.find((m) => (m.kind === 'layer' || m.kind === 'weight') && m.name.text === name);
  }

  #declaration(part: string): Span {
    const member = this.#member(part);
    return member && 'name' in member ? member.name.span : this.#source.span;
  }

  #declared(parts: readonly string[]): { readonly span: Span; readonly text: string }[] {
    const seen = new Set<MethodMember>();
    return parts.flatMap((part) => {
      const member = this.#member(part);
      if (!member || seen.has(member) || !('name' in member)) return [];
      seen.add(member);
      return [{ span: member.name.span, text: 'would never train' }];
    });
  }

  /** The line of the library that holds the operator, where the author's line only calls it. */
  #inside(node: Node): { readonly span: Span; readonly text: string }[] {
    const author = this.#E.authorSpan(node);
    return author && node.span ? [{ span: node.span, text: 'here' }] : [];
  }
}

function quoted(names: readonly string[]): string {
  const shown = names.map((n) => `'${n}'`);
  return shown.length > 4 ? `${shown.slice(0, 3).join(', ')} and ${shown.length - 3} more` : joinAnd(shown);
}

function joinAnd(items: readonly string[]): string {
  return items.length <= 1 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items[items.length - 1]}`;
}

const COMPARISONS: Readonly<Record<string, string>> = {
  equal: '==',
  not_equal: '!=',
  less: '<',
  less_equal: '<=',
  greater: '>',
  greater_equal: '>=',
};

/** The operator as the author knows it, and what to write in its place. */
function operatorWords(node: Node): { readonly name: string; readonly instead: string } {
  const comparison = COMPARISONS[node.op];
  if (comparison)
    return {
      name: `the comparison ${comparison}`,
      instead: 'keep the values where they pass: where(x > t, x, 0); or use a soft threshold: sigmoid((x - t) / width)',
    };
  switch (node.op) {
    case 'argmax':
    case 'one_hot':
      return { name: node.op, instead: 'use the values themselves, or softmax for a soft choice; keep argmax for what is only a target' };
    case 'floor':
    case 'ceil':
    case 'round':
      return { name: node.op, instead: 'leave rounding to inference, or to what is only a target' };
    case 'sign':
      return { name: 'sign', instead: 'tanh(x / width) is a sign with a gradient' };
    case 'cast':
      return { name: node.type.dtype === 'i32' ? 'int' : 'float', instead: 'whole numbers carry no gradient: use the values themselves' };
    case 'detach':
      return { name: 'detach', instead: 'take the detach away, or make the loss a watch' };
    default:
      return { name: node.op, instead: 'let a loss read the values in front of it' };
  }
}
