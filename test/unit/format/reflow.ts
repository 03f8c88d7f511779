/** The same tokens with other white space: what an author may have typed. */
import { type IToken, readText, specLexer } from '../../../grammar/read.ts';
import { resolve } from '../../../grammar/resolve.ts';

/** Uniform in [0, 1), by a fixed rule. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const lexer = specLexer();

/** Tokens in their order, as the parser is given them; undefined where there is a character or a habit that the language does not know. */
function tokensOf(text: string): readonly IToken[] | undefined {
  const lexed = lexer.tokenize(text);
  const facts: Parameters<typeof resolve>[2] = [];
  const tokens = resolve(text, lexed.tokens, facts);
  return lexed.errors.length + facts.length + (lexed.groups.foreign ?? []).length > 0 ? undefined : tokens;
}

/** What a text says, apart from white space and comments: each token with its kind. The tree is not asked: lexing alone is cheap. */
export function wordsOf(text: string): readonly string[] {
  return tokensOf(text)?.map((t) => `${t.tokenType.name} ${t.image}`) ?? [];
}

export interface Flown {
  readonly text: string;
  /** Gaps between tokens that differ from the original's. */
  readonly changed: number;
}

/**
 * Reflows of one text: the white space of some gaps between tokens is another: spaces where there were none, fewer or more, line ends, empty
 * lines and comments where the language lets them stand. Where a gap may not be so (a line end in front of a word may make it a statement), it
 * stays as it was, and later reflows know.
 */
export class Reflows {
  readonly words: readonly string[];
  readonly #tokens: readonly IToken[];
  /** The text before the first token, between each two, and after the last. */
  readonly #gaps: readonly string[];
  readonly #random: () => number;
  /** Gaps that, changed alone in a certain way, change what the text says, and those that do not: by place and white space. */
  readonly #spoils = new Map<string, boolean>();

  /** `random`: uniform in [0, 1). */
  constructor(text: string, random: () => number) {
    this.#tokens = tokensOf(text) ?? [];
    this.words = wordsOf(text);
    const ends = [0, ...this.#tokens.map((t) => t.startOffset + t.image.length)];
    this.#gaps = ends.map((end, i) => text.slice(end, this.#tokens[i]?.startOffset ?? text.length));
    this.#random = random;
  }

  next(): Flown {
    const chosen = this.#gaps.map((gap, i) => {
      const other = gap.includes('//') || this.#random() > 0.3 ? gap : another(gap, this.#tokens[i - 1], this.#tokens[i], this.#random);
      return this.#spoils.get(`${i}:${other}`) === true ? gap : other;
    });
    for (;;) {
      const text = this.#join(chosen);
      const fault = this.#fault(text);
      if (fault === undefined) return { text, changed: chosen.filter((gap, i) => gap !== this.#gaps[i]).length };
      this.#restore(chosen, fault);
    }
  }

  /** The first token at which a text no longer says the same; undefined where it does. */
  #fault(text: string): number | undefined {
    const words = wordsOf(text);
    const at = this.words.findIndex((word, i) => word !== words[i]);
    if (at >= 0 || words.length !== this.words.length) return Math.max(at, 0);
    const [fact] = readText(text).facts;
    if (!fact) return undefined;
    const token = tokensOf(text)?.findIndex((t) => t.startOffset >= fact.start) ?? -1;
    return token < 0 ? this.#tokens.length : token;
  }

  /** Takes back the changes at a fault: those that spoil the text by themselves, or else all of them. */
  #restore(chosen: string[], fault: number): void {
    const changed = (i: number): boolean => chosen[i] !== this.#gaps[i];
    let near = [-2, -1, 0, 1, 2].map((d) => fault + d).filter((i) => i >= 0 && i < chosen.length && changed(i));
    // An error may be told long after its cause.
    if (near.length === 0) near = chosen.flatMap((_, i) => (changed(i) && i <= fault ? [i] : [])).slice(-1);
    if (near.length === 0) near = chosen.flatMap((_, i) => (changed(i) ? [i] : []));
    const guilty = near.filter((i) => this.#alone(i, chosen[i]));
    for (const i of guilty.length > 0 ? guilty : near) chosen[i] = this.#gaps[i];
  }

  #alone(i: number, gap: string): boolean {
    const key = `${i}:${gap}`;
    const known = this.#spoils.get(key);
    if (known !== undefined) return known;
    const spoils = this.#fault(this.#join(this.#gaps.with(i, gap))) !== undefined;
    this.#spoils.set(key, spoils);
    return spoils;
  }

  #join(gaps: readonly string[]): string {
    return gaps.map((gap, i) => gap + (this.#tokens[i]?.image ?? '')).join('');
  }
}

function another(gap: string, left: IToken | undefined, right: IToken | undefined, random: () => number): string {
  if (!left || !right) return random() < 0.5 ? '\n\n' : '\n';
  const pick = random();
  const atLine = gap.includes('\n');
  // An item of a block keeps its line: a statement word means a statement where its line shows it.
  if (atLine) return pick < 0.4 ? '\n\n\n' : pick < 0.7 ? '\n        ' : pick < 0.9 ? '\n// a remark\n' : '  ';
  if (pick < 0.35) return '   ';
  if (pick < 0.6) return gap === '' || /\w/.test(left.image.slice(-1) + right.image[0]) ? gap : '';
  if (pick < 0.9 && right.image !== '(' && right.image !== '[' && right.image !== '-') return pick < 0.8 ? '\n' : ' // a remark\n';
  return pick < 0.95 ? ' ' : gap;
}
