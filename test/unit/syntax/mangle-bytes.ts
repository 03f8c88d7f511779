/** Bytes of a text changed, dropped, doubled and cut, whatever characters come of it. */

/** What breaks readers of text: invalid and overlong UTF-8, halves of surrogates, marks, controls. */
const BYTES: readonly (readonly number[])[] = [
  [0x00],
  [0x80],
  [0xff],
  [0xc0, 0xaf],
  [0xed, 0xa0, 0x80],
  [0xef, 0xbb, 0xbf],
  [0xe2, 0x80, 0xa8],
  [0xf0, 0x9f, 0x8d, 0x8e],
  [0x0d],
  [0x1b],
  [0x22],
  [0x5c],
  [0x2f, 0x2f],
];

/** The text read back from its bytes after one to six changes. */
export function mangleBytes(text: string, random: () => number): string {
  const bytes = [...new TextEncoder().encode(text)];
  const changes = 1 + Math.floor(random() * 6);
  for (let i = 0; i < changes; i++) {
    const at = Math.floor(random() * bytes.length);
    const kind = random();
    if (kind < 0.3) bytes[at] = Math.floor(random() * 256);
    else if (kind < 0.5) bytes.splice(at, 1 + Math.floor(random() * 8));
    else if (kind < 0.75) bytes.splice(at, 0, ...BYTES[Math.floor(random() * BYTES.length)]);
    else if (kind < 0.9) bytes.splice(at, 0, ...bytes.slice(at, at + 1 + Math.floor(random() * 60)));
    else if (kind < 0.95) bytes[at] ^= 1 << Math.floor(random() * 8);
    else bytes.length = at;
  }
  return new TextDecoder('utf-8').decode(new Uint8Array(bytes));
}
