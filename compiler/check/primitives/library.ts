/** The operators as a file of the standard library: signatures with their documentation. `specs/std/ops.wsss` is this text; a test holds it fresh. */
import type { Primitive } from './primitive.ts';
import { PRIMITIVE_GROUPS } from './table.ts';

const WIDTH = 150;

/** `exp(x: Tensor) -> Tensor` */
export function signature(name: string, { params, returns }: Primitive): string {
  return `${name}(${params.join(', ')}) -> ${returns}`;
}

/** Words in lines of at most WIDTH columns, each with this in front. */
function wrapped(text: string, front: string): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`${front}${word}`);
  }
  return lines;
}

function declaration(name: string, primitive: Primitive): string {
  return [...wrapped(primitive.doc, '/// '), `extern ${signature(name, primitive)}`].join('\n');
}

/** The whole file. */
export function operatorLibrary(): string {
  const note = [
    '// The operators that every spec may call without an import: what runs in the runtime. Everything else in this folder is made of them.',
    '// Written from the operator table (UPDATE_DOCS=1 npx vitest run test/unit/api/operators.test.ts). A value after `=` may be left out; `all`',
    '// and `none` stand for what is not given. `over` and `axis` take batch, height, width, channel or a number; `where` takes a mask.',
  ];
  const groups = PRIMITIVE_GROUPS.map(({ title, members }) =>
    [`// ---- ${title}`, ...Object.entries(members).map(([name, primitive]) => declaration(name, primitive))].join('\n\n'),
  );
  return `${['language 1', note.join('\n'), ...groups].join('\n\n')}\n`;
}
