/** Characters that editors and papers put in the place of the language's marks. */
const lookAlikes: Readonly<Record<string, string>> = {
  '×': '*',
  '·': '*',
  '÷': '/',
  '−': '-',
  '–': '-',
  '≤': '<=',
  '≥': '>=',
  '≠': '!=',
  '→': '->',
  '“': '"',
  '”': '"',
  '„': '"',
};

/** A hint for a character that looks like one of the language's. */
export function lookAlike(text: string): { readonly hint?: string } {
  const meant = lookAlikes[String.fromCodePoint(text.codePointAt(0) ?? 0)];
  if (text.startsWith('@')) return { hint: 'matrices are multiplied by matmul(a, b)' };
  return meant === undefined ? {} : { hint: `write ${meant}` };
}

/** A character as people can tell it from its look-alikes. */
export function show(text: string): string {
  const code = text.codePointAt(0) ?? 0;
  const first = String.fromCodePoint(code);
  const printable = code > 0x20 && code < 0x7f;
  return printable ? `'${first}'` : `'${first}' (U+${code.toString(16).toUpperCase().padStart(4, '0')})`;
}
