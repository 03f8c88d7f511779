/** How many classes weights were trained for, read from their shapes. */
import type { Safetensors } from '../data/safetensors.ts';
import type { ProgramMeta, SizeJson } from '../program.ts';
import { evaluateSize } from '../sizes.ts';

/**
 * The number of foreground classes K for which the tensors have the declared shapes: found from the sides that depend on K alone
 * (`K`, `K + 1`, `4*K` ...). Undefined when no stored tensor tells.
 */
export function classCountOf(meta: ProgramMeta, tensors: Safetensors['tensors']): number | undefined {
  for (const { key, shape } of meta.state) {
    const stored = tensors.get(key)?.shape;
    if (stored?.length !== shape.length) continue;
    for (const [axis, size] of shape.entries()) {
      const side = stored[axis];
      if (!dependsOnlyOn(size, meta.classDim)) continue;
      // Sizes grow with K, so K is at most the side where the factor is at least 1.
      for (let classes = 1; classes <= side; classes++) if (evaluateSize(size, { [meta.classDim]: classes }) === side) return classes;
    }
  }
  return undefined;
}

function dependsOnlyOn(size: SizeJson, dim: string): boolean {
  const names = namesIn(size);
  return names.length > 0 && names.every((name) => name === dim);
}

function namesIn(size: SizeJson): readonly string[] {
  if (typeof size === 'number') return [];
  if (typeof size === 'string') return [size];
  const [, ...operands] = size;
  return operands.flatMap(namesIn);
}
