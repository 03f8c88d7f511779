/** Mangled specs: the same ones on every machine. */

/** mulberry32: the same mutations on every machine. */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const pieces = [
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  '"',
  "'",
  '..',
  '=',
  ':=',
  ':',
  ',',
  '=>',
  '->',
  '|>',
  '?',
  '**',
  '#',
  '@x',
  '@paper',
  '///',
  '//',
  '-',
  '\n',
  'let',
  'loss',
  'module',
  'def',
  'self.',
  'None',
  'x10',
  'x0.5',
  '1e9999',
  '\\',
  '\u0000',
  '“',
  '+=',
  'as',
  'for',
  'in',
  'div',
  'lambda',
  'weight',
  'else',
];

/** A few tokens removed, doubled, swapped, replaced or put between. */
export function mangleTokens(tokens: readonly string[], random: () => number): string {
  const part = [...tokens];
  const changes = 1 + Math.floor(random() * 6);
  for (let i = 0; i < changes; i++) {
    const at = Math.floor(random() * part.length);
    const piece = pieces[Math.floor(random() * pieces.length)] ?? '';
    const kind = random();
    if (kind < 0.25) part.splice(at, 1);
    else if (kind < 0.4) part.splice(at, 0, part[at] ?? '');
    else if (kind < 0.55) part.splice(at, 2, part[at + 1] ?? '', part[at] ?? '');
    else if (kind < 0.8) part.splice(at, 0, piece);
    else part.splice(at, 1, piece);
  }
  return part.join('');
}

export function tokensOf(text: string): readonly string[] {
  return text.match(/[A-Za-z_0-9.]+|"[^"\n]*"|\s+|./g) ?? [];
}
