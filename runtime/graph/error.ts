/** Problems of running a program as one TensorFlow graph. */

export type GraphErrorCode = 'graph-unavailable' | 'graph-file' | 'graph-open' | 'graph-feeds' | 'graph-run';

/** `message` says what went wrong, `hint` what to do. */
export class GraphError extends Error {
  override readonly name = 'GraphError';
  readonly code: GraphErrorCode;
  readonly hint: string;
  constructor(code: GraphErrorCode, message: string, hint: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

/** The lines of a spec that nodes come from: what `spec-lines.json` beside a model holds. */
export type SpecLines = Readonly<Record<string, { readonly file: string; readonly line: number; readonly path: string }>>;

/**
 * What TensorFlow said, with the place in the spec: its messages name the node in question as `{{node step/net/conv1/conv2d}}`. Longer
 * reports follow on further lines, which are left out.
 */
export function runError(error: unknown, signature: string, lines: SpecLines | undefined): GraphError {
  const text = error instanceof Error ? error.message : String(error);
  const [first] = text.replace(/^Session fail to run with error: /, '').split('\n');
  const named = [...text.matchAll(/\{\{node ([^}]+)\}\}/g)].map(([, name]) => name);
  const known = named.find((name) => lines?.[name] !== undefined);
  const origin = known === undefined ? undefined : lines?.[known];
  const uninitialised = /Could not find variable|uninitialized/.test(text);
  const place = origin
    ? `${origin.file}:${origin.line}${origin.path === '' ? '' : ` (${origin.path})`}: `
    : named.length > 0
      ? `${named[0]}: `
      : '';
  return new GraphError(
    'graph-run',
    `${place}${signature} failed in TensorFlow: ${first}`,
    uninitialised ? 'feed the state through assign first' : 'the shapes and values of the batch are the usual cause',
  );
}
