/** Trained weights under the names that another library's code gives them, so that a model trained here loads there. */
import { DataError } from '../../data/errors.ts';
import type { PretrainedBackbone, StateEntry } from '../../program.ts';
import type { HostState } from '../state.ts';
import { declaredLayout } from './layouts.ts';

/** Tensors by the names of a naming, filters as [out, in, kh, kw]. Throws DataError `data-bad-weights` for a naming that says no name for one. */
export function exportBackbone(
  entries: readonly StateEntry[],
  state: HostState,
  { backbone, namings = [] }: PretrainedBackbone,
  naming: string,
): ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }> {
  const declared = namings.find(({ name }) => name === naming);
  if (!declared)
    throw new DataError('data-bad-weights', {
      what: `the backbone '${backbone}' has no naming '${naming}'`,
      file: naming,
      expected: namings.map(({ name }) => name).join(', ') || 'a naming declared beside the module of the backbone',
      hint: 'Name one of these, or declare it: naming NAME of MODULE { "theirs.*" = "ours.*" }.',
    });
  const layout = declaredLayout(declared);
  const tensors = new Map<string, { readonly shape: readonly number[]; readonly data: Float32Array }>();
  for (const { key, role } of entries) {
    if (!key.startsWith(`${backbone}.`) || (role !== 'parameter' && role !== 'statistic')) continue;
    const slot = state.slots.get(key);
    const name = layout.nameOf(key.slice(backbone.length + 1));
    if (!slot || name === undefined || tensors.has(name))
      throw new DataError('data-bad-weights', {
        what: `the naming '${naming}' gives no name of its own to ${key}`,
        file: naming,
        found: name === undefined ? 'no line that fits' : `${name}, which is taken`,
        hint: 'Add a line for it.',
      });
    tensors.set(name, { shape: layout.shapeOf(slot.shape), data: layout.write(slot.data, slot.shape) });
  }
  return tensors;
}
