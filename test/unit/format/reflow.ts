/** The same tokens with other white space: what an author may have typed. */
import { type IToken, readText } from '../../../grammar/read.ts';

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

/** A text taken apart once, for many reflows. */
export interface Woven {
  readonly text: string;
  readonly tokens: readonly IToken[];
  readonly gaps: readonly string[];
  /** What it says, apart from white space and comments. */
  readonly words: string;
}

export function woven(text: string): Woven {
  const tokens = tokensOf(text);
  return { text, tokens, gaps: gapsOf(text, tokens), words: said(tokens) };
}

/**
 * Changes the white space of some gaps between tokens: spaces where there were none, fewer or more, line ends, empty lines and comments where
 * the language lets them stand. Whatever changes the tokens is taken back; `changed` counts the gaps that differ.
 */
export function reflow({ text, tokens, gaps, words }: Woven, random: () => number): { readonly text: string; readonly changed: number } {
  let chosen = gaps.map((gap, i) => (gap.includes('//') || random() > 0.3 ? gap : another(gap, tokens[i - 1], tokens[i], random)));
  for (let tries = 0; tries < 12; tries++) {
    const next = gaps.map((_, i) => chosen[i] + (tokens[i]?.image ?? '')).join('');
    if (wordsOf(next) === words) return { text: next, changed: chosen.filter((gap, i) => gap !== gaps[i]).length };
    chosen = chosen.map((gap, i) => (random() < 0.5 ? gap : gaps[i]));
  }
  return { text, changed: 0 };
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

/** Tokens in their order; none where the text has syntax errors. */
function tokensOf(text: string): readonly IToken[] {
  const found: IToken[] = [];
  const visit = (node: { readonly children: Readonly<Record<string, readonly unknown[]>> }): void => {
    for (const child of Object.values(node.children).flat()) {
      if (isNode(child)) visit(child);
      else if (isToken(child) && child.tokenType.name !== 'EOF') found.push(child);
    }
  };
  const { cst, facts } = readText(text);
  if (facts.length === 0) visit(cst);
  return found.sort((a, b) => a.startOffset - b.startOffset);
}

function isNode(child: unknown): child is { readonly children: Readonly<Record<string, readonly unknown[]>> } {
  return typeof child === 'object' && child !== null && 'children' in child;
}
function isToken(child: unknown): child is IToken {
  return typeof child === 'object' && child !== null && 'startOffset' in child;
}

/** The text before the first token, between each two, and after the last. */
function gapsOf(text: string, tokens: readonly IToken[]): readonly string[] {
  const ends = [0, ...tokens.map((t) => t.startOffset + t.image.length)];
  return ends.map((end, i) => text.slice(end, tokens[i]?.startOffset ?? text.length));
}

/** What a text says, apart from white space and comments: each token with its kind. */
function said(tokens: readonly IToken[]): string {
  return tokens.map((t) => `${t.tokenType.name} ${t.image}`).join('\n');
}

export function wordsOf(text: string): string {
  return said(tokensOf(text));
}
