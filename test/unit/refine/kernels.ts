import type { CrfKernel } from '../../../runtime/refine/dense-crf.ts';
import type { ReferenceDescription } from '../../fixture.ts';

/** A hyper-parameter that must be a number. */
export function numberOf(json: ReferenceDescription, name: string): number {
  const value = json.hyperparameters[name];
  if (typeof value !== 'number') throw new Error(`${json.title}: hyper-parameter '${name}' is ${JSON.stringify(value)}, expected a number`);
  return value;
}

/** A hyper-parameter that is a number or a list of numbers, as a list. */
export function numbersOf(json: ReferenceDescription, name: string): number[] {
  const value = json.hyperparameters[name];
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.map((v) => {
    if (typeof v !== 'number') throw new Error(`${json.title}: hyper-parameter '${name}' holds ${JSON.stringify(v)}, expected numbers`);
    return v;
  });
}

/** The CRF kernels of a case: its `kernels` hyper-parameter, or the numbers its description states in words. */
export function kernelsOf(json: ReferenceDescription): CrfKernel[] {
  const listed = json.hyperparameters.kernels;
  if (Array.isArray(listed)) return listed.map((k: unknown) => listedKernel(k as Record<string, unknown>));
  const number = '([0-9.]*[0-9])';
  const gaussian = new RegExp(`Gaussian sxy ${number} weight ${number}`).exec(json.description);
  const bilateral = new RegExp(`bilateral sxy ${number} srgb ${number} weight ${number}`).exec(json.description);
  if (!gaussian || !bilateral) throw new Error(`${json.title}: no kernels in the hyper-parameters or the description`);
  return [
    { kind: 'gaussian', sxy: Number(gaussian[1]), weight: Number(gaussian[2]) },
    { kind: 'bilateral', sxy: Number(bilateral[1]), srgb: Number(bilateral[2]), weight: Number(bilateral[3]) },
  ];
}

function listedKernel(k: Record<string, unknown>): CrfKernel {
  const spatial = { weight: Number(k.weight), sxy: Number(k.sxy) };
  return k.kind === 'bilateral' ? { kind: 'bilateral', ...spatial, srgb: Number(k.srgb) } : { kind: 'gaussian', ...spatial };
}
