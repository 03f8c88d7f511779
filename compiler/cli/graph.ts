/** `wsss graph`: a picture of a method's wiring. */
import { writeFileSync } from 'node:fs';
import { methodDot } from '../describe/graph.ts';
import { nearest } from '../diagnostics/suggest.ts';
import type { Direction } from '../graph/dot.ts';
import { EXIT, type Output, usage, writeJson } from './output.ts';
import { chooseMethod, openSpec } from './spec.ts';

export interface GraphCommand {
  readonly json: boolean;
  readonly set: readonly string[];
  readonly out: string;
  readonly program?: string;
  readonly direction?: Direction;
}

/** DOT as SVG. Graphviz is large, and few commands need it. */
export async function drawn(dot: string): Promise<string> {
  return (await (await import('@viz-js/viz')).instance()).renderString(dot, { format: 'svg' });
}

/** Writes `x.svg`, or `x.dot` as Graphviz reads it. */
export async function runGraph(output: Output, target: string, options: GraphCommand): Promise<number> {
  const ending = /\.(svg|dot)$/.exec(options.out)?.[1];
  if (ending === undefined) throw usage(`${options.out} is neither a .svg nor a .dot file`, 'for example --out method.svg');
  const spec = openSpec(output, target, options);
  if (!spec) return EXIT.problems;
  const name = options.program?.replace(/^infer\./, '');
  const method = chooseMethod(spec, 'can be drawn', () => true);
  const dot = methodDot(method, name, options.direction ? { direction: options.direction } : {});
  if (dot === undefined) {
    const programs = method.infer.map((program) => program.name);
    throw usage(
      `${method.name} has no inference program '${name}'`,
      nearest(name ?? '', programs) ?? `it has ${programs.join(', ') || 'none'}`,
    );
  }
  const text = ending === 'dot' ? dot : await drawn(dot);
  try {
    writeFileSync(options.out, text);
  } catch (error) {
    throw usage(`${options.out} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (options.json) writeJson(output, { file: spec.file, method: method.name, out: options.out, bytes: text.length });
  else output.out(`${options.out}: ${method.name}${name === undefined ? '' : `, infer ${name}`}`);
  return EXIT.good;
}
