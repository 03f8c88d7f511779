/** From lines of a generated program to the spec: where a value was computed, and through which calls. */

/** A place of a spec; `path` is the dotted call path, empty at the top of a program. */
export interface Place {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly path: string;
}

/** Generated line (counted from 1) → place in the spec, as `<name>.map.json` holds it. */
export type LineMap = Readonly<Record<string, Place>>;

export interface Located {
  /** The statement of the generated program. */
  readonly statement: string;
  /** Line of that statement in the generated file. */
  readonly generatedLine: number;
  /** The line of the spec with its call path; undefined where the map knows none (updates of parameters). */
  readonly place: Place | undefined;
}

/** Lines of a generated file that are on the stack, innermost first. */
export function generatedLines(stack: string, label: string): readonly number[] {
  const mark = `wsss-program/${label}:`;
  return stack.split('\n').flatMap((frame) => {
    const at = frame.indexOf(mark);
    const line = at < 0 ? Number.NaN : Number.parseInt(frame.slice(at + mark.length), 10);
    return Number.isNaN(line) ? [] : [line];
  });
}

/**
 * The place of the spec for lines of the stack (innermost first). A function that several calls share carries the path of the first of them in the
 * map: its part below the function's own path is put behind the path of the call that is really on the stack.
 */
export function locate(lines: readonly number[], text: string, map: LineMap): Located {
  const source = text.split('\n');
  const generatedLine = lines[0] ?? 0;
  const statement = (source[generatedLine - 1] ?? '').replace(/\/\/.*$/, '').trim();
  let found: Place | undefined;
  for (const line of lines.toReversed()) {
    const place = map[String(line)];
    if (!place) continue;
    found = found ? { ...place, path: joined(found.path, below(place.path, ownPath(line, source, map))) } : place;
  }
  return { statement, generatedLine, place: found };
}

/** The path that all mapped lines of the function around a line have in common. */
function ownPath(line: number, source: readonly string[], map: LineMap): string {
  let start = line;
  while (start > 1 && !/^(export )?function /.test(source[start - 1])) start--;
  let common: readonly string[] | undefined;
  for (let at = start; at <= source.length && source[at - 1] !== '}'; at++) {
    const place = map[String(at)];
    if (!place) continue;
    const parts = place.path.split('.');
    const shared: readonly string[] = common ?? parts;
    const differs = shared.findIndex((part, i) => part !== parts[i]);
    common = differs < 0 ? shared : shared.slice(0, differs);
  }
  return common?.join('.') ?? '';
}

function below(path: string, own: string): string {
  return path === own ? '' : path.slice(own === '' ? 0 : own.length + 1);
}

function joined(path: string, more: string): string {
  return path === '' || more === '' ? `${path}${more}` : `${path}.${more}`;
}
