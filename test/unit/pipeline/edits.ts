/** Edits of the toy spec: what stands there, and what takes its place. */
import { compileToy, type Toy } from './toy-run.ts';

export type Edit = readonly [from: string | RegExp, to: string];

/** Seeds over several scales, so that there is something to edit in inference alone. */
const SCALES: readonly Edit[] = [
  ['  let maps =', '  hyper scales = [1.0, 0.5]\n\n  let maps ='],
  [
    'let raw = relu(classify(relu(stem(photo |> normalize(signed))))) as cam',
    'let raw = sum([resize(relu(classify(relu(stem(p)))), size: [h0, w0], mode: bilinear, convention: half_pixel) for p in [photo |> scale(s) |> normalize(signed) for s in scales]]) as cam',
  ],
];

/** The toy with seeds over scales and these edits, each of which must find its place. */
export function edited(...edits: readonly Edit[]): Promise<Toy> {
  return compileToy((spec) =>
    [...SCALES, ...edits].reduce((text, [from, to]) => {
      const next = text.replace(from, to);
      if (next === text) throw new Error(`'${from}' is not in the toy spec`);
      return next;
    }, spec),
  );
}
