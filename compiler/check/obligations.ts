/** What a graph says of sizes: proved when the spec is checked, refuted, or asked when the program starts. */
import type { DiagnosticExtra, Fix } from '../diagnostics/diagnostics.ts';
import type { DimAssertion } from '../ops/graph.ts';
import { compare } from '../shape/compare.ts';
import { type Dim, show, subtract } from '../shape/dim.ts';
import { type Fact, proposeBound, proposeFacts, showFact } from '../shape/proposals.ts';
import { positionAt, type Span } from '../source/source.ts';
import type { Elaboration } from './elaboration.ts';

/** Two sizes that could not be proved to agree. */
interface Doubt {
  readonly left: Dim;
  readonly right: Dim;
  readonly reason: string;
}

export class Obligations {
  readonly #E: Elaboration;
  readonly assertions: DimAssertion[] = [];
  /** Pairs of sizes in the first `#seen` assertions. */
  readonly #pairs = new Map<Dim, Set<Dim>>();
  #seen = 0;
  /** Doubts of the operator being added, and its place. */
  readonly #unsaid: Doubt[] = [];
  #at: Span | undefined;
  /** Where a fact about the sizes of this graph can be written: the first statement of the train block or of the inference program. */
  factsGoBefore: Span | undefined;

  constructor(E: Elaboration) {
    this.#E = E;
  }

  /** An operator is added at `at`: of one that is refused, the refusal is told and no doubt about its sizes. */
  open(at: Span): void {
    this.#at = at;
    if (this.#unsaid.length > 0) this.#unsaid.length = 0;
  }

  /** The operator stands: its doubts are told. */
  tell(): void {
    if (this.#unsaid.length > 0 && this.#at) this.#unproved([...this.#unsaid], this.#at);
  }

  close(): void {
    this.#at = undefined;
  }

  /** `same` of two sizes that the rule of the operator being added compares. */
  ofOperator(left: Dim, right: Dim, reason: string): boolean {
    return this.same(left, right, reason, this.#at);
  }

  /** Whether two sizes are the same: proved, refuted, or to be checked when the program starts. */
  same(left: Dim, right: Dim, reason: string, at: Span | undefined): boolean {
    const answer = compare(left, right, this.#E.facts);
    if (answer === 'equal') return true;
    if (answer === 'different') return false;
    if (!this.#asserted(left, right)) {
      this.assertions.push({ left, right, relation: '==', reason, span: at ? this.#E.place(at).span : undefined });
      const doubt = { left, right, reason };
      if (at && at === this.#at) this.#unsaid.push(doubt);
      else if (at) this.#unproved([doubt], at);
    }
    return true;
  }

  /** Whether one size is at least as large as another: proved, refuted, or to be checked when the program starts. */
  atLeast(large: Dim, small: Dim, reason: string, at: Span): boolean {
    const { facts, session } = this.#E;
    const difference = subtract(large, small);
    if (facts.lower(difference) >= 0) return true;
    if (facts.upper(difference) < 0) return false;
    if (this.#asserted(large, small)) return true;
    this.assertions.push({ left: large, right: small, relation: '>=', reason, span: this.#E.place(at).span });
    // How a library slices is not its user's question, unless everything has to be proved.
    if (at.file !== session.root.spec.source && !session.strictShapes) return true;
    const pair = pairOf({ left: large, right: small });
    if (session.told.unproved.has(pair)) return true;
    session.told.unproved.add(pair);
    const fact = proposeBound(large, small, facts);
    const sides = { left: show(large), right: show(small) };
    const extra: DiagnosticExtra = { cause: pair, ...(fact ? this.#offer([fact], `${reason}; `) : { hint: reason }) };
    this.#E.report(session.strictShapes ? 'size-must-be-proved' : 'size-unproved', at, sides, extra);
    return true;
  }

  /** Whether these two sizes are held against each other already, in any relation. */
  #asserted(left: Dim, right: Dim): boolean {
    // `require` writes its assertions itself.
    for (; this.#seen < this.assertions.length; this.#seen++) {
      const { left: a, right: b } = this.assertions[this.#seen];
      const row = this.#pairs.get(a);
      if (row) row.add(b);
      else this.#pairs.set(a, new Set([b]));
    }
    return this.#pairs.get(left)?.has(right) ?? false;
  }

  /** One message for a line: height and width, and every axis of what was given in a wrong order, have one cause. */
  #unproved(doubts: readonly Doubt[], at: Span): void {
    const { session, facts: known } = this.#E;
    const { span } = this.#E.place(at);
    const { unproved } = session.told;
    const line = `${span.file.name}:${positionAt(span.file, span.start).line}`;
    const [first, ...others] = doubts.filter((doubt) => !unproved.has(pairOf(doubt)));
    const told = unproved.has(line) || !first;
    unproved.add(line);
    for (const doubt of doubts) unproved.add(pairOf(doubt));
    if (told) return;
    const facts = proposeFacts([first, ...others], known);
    const without = {
      hint: `${first.reason}; if both are meant to be one size for every image, say so with 'require', else resize or reduce one of them`,
    };
    const extra: DiagnosticExtra = {
      ...(facts ? this.#offer(facts, `${first.reason}; `) : without),
      notes: others.map((doubt) => `nor can ${show(doubt.left)} = ${show(doubt.right)}`),
    };
    const sides = { left: show(first.left), right: show(first.right) };
    this.#E.report(session.strictShapes ? 'shape-must-be-proved' : 'shape-unproved', at, sides, extra);
  }

  /** Facts that would prove it, as a hint and as an edit. */
  #offer(facts: readonly Fact[], before: string): Pick<DiagnosticExtra, 'hint' | 'fix'> {
    const hint = `${before}${facts.map((fact) => `require ${showFact(fact)}`).join(' and ')} would prove it`;
    return this.factsGoBefore ? { hint, fix: factFix(facts, this.factsGoBefore) } : { hint };
  }
}

/** Two sizes that differ are one cause wherever they meet. */
export function pairOf({ left, right }: { readonly left: Dim; readonly right: Dim }): string {
  return [show(left), show(right)].sort().join(' = ');
}

/** Facts written down in front of a statement, each on a line of its own. */
function factFix(facts: readonly Fact[], before: Span): Fix {
  const { column } = positionAt(before.file, before.start);
  const lines = facts.map((fact) => `require ${showFact(fact)}\n${' '.repeat(column - 1)}`);
  return {
    title: `state ${facts.map(showFact).join(' and ')}`,
    edits: [{ span: { file: before.file, start: before.start, end: before.start }, text: lines.join('') }],
  };
}
