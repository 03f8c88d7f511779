/** Weights of a backbone from a file of another training: all of them, or an error that lists what is missing. */
import { DataError } from '../../data/errors.ts';
import type { Safetensor, Safetensors } from '../../data/safetensors.ts';
import type { Naming, StateEntry } from '../../program.ts';
import type { HostState } from '../state.ts';
import { declaredLayout, ownLayout, type WeightLayout } from './layouts.ts';

/** What was taken; the caller shows it. */
export interface PretrainedReport {
  readonly backbone: string;
  readonly file: string;
  readonly layout: string;
  readonly copied: number;
  /** Tensors of the file for other layers (torchvision's `fc`), which start afresh. */
  readonly ignored: readonly string[];
}

/** This many names stand in a message. */
const SHOWN = 6;

/**
 * Fills every parameter and statistic of `backbone` from the tensors of `file`. Names and layout are those of the naming that fits best, or of a
 * checkpoint of this project. Throws DataError `data-bad-weights` when a tensor is missing, has another shape, or is not wanted (the file of a deeper network).
 */
export function fillBackbone(
  entries: readonly StateEntry[],
  state: HostState,
  backbone: string,
  file: string,
  tensors: Safetensors['tensors'],
  namings: readonly Naming[] = [],
): PretrainedReport {
  const wanted = entries.filter((e) => e.key.startsWith(`${backbone}.`) && (e.role === 'parameter' || e.role === 'statistic'));
  const below = wanted.map(({ key }) => key.slice(backbone.length + 1));
  const layout = fitting([ownLayout(backbone), ...namings.map(declaredLayout), AS_HERE], below, tensors);
  const names = new Set<string>();
  const missing: string[] = [];
  const unlike: string[] = [];
  const values = new Map<Float32Array, ArrayLike<number>>();
  for (const { key } of wanted) {
    const slot = state.slots.get(key);
    if (!slot) throw new RangeError(`the state has no '${key}'`);
    const name = layout.nameOf(key.slice(backbone.length + 1));
    if (name !== undefined) names.add(name);
    const stored = name === undefined ? undefined : tensors.get(name);
    if (!stored) missing.push(name ?? `${key} (which ${layout.name} does not name)`);
    else {
      const problem = mismatch(stored, layout.shapeOf(slot.shape));
      if (problem) unlike.push(`${name} ${problem}`);
      else values.set(slot.data, layout.read(stored, slot.shape));
    }
  }
  const { head, foreign } = notWanted(tensors, names, layout);
  const problems = [
    missing.length > 0 ? `${missing.length} of ${wanted.length} tensors are missing: ${listed(missing)}` : '',
    unlike.length > 0 ? `${unlike.length} have another shape or type: ${listed(unlike)}` : '',
    foreign.length > 0 ? `${foreign.length} are not of this network: ${listed(foreign)}` : '',
  ].filter((text) => text !== '');
  if (problems.length > 0) {
    throw new DataError('data-bad-weights', {
      what: `these are not the weights of the backbone '${backbone}'`,
      file,
      expected: `${wanted.length} tensors with the names of ${layout.name}, such as ${listed([...names].slice(0, 3))}`,
      found: problems.join('; '),
      hint: 'Give the weights of the very network that the spec declares, with the names and layout that their library gives them.',
    });
  }
  for (const [slot, found] of values) slot.set(found);
  return { backbone, file, layout: layout.name, copied: wanted.length, ignored: head };
}

/** Names as they stand below the backbone: where a spec declares no naming. */
const AS_HERE: WeightLayout = declaredLayout({ name: 'the spec', lines: [['*', '*']], others: [] });

/** The layout by which most tensors are found; of equals the first. */
function fitting(layouts: readonly WeightLayout[], keys: readonly string[], tensors: Safetensors['tensors']): WeightLayout {
  const found = layouts.map((layout) => keys.filter((key) => tensors.has(layout.nameOf(key) ?? '')).length);
  const most = Math.max(...found);
  // Where nothing fits, the message speaks of the names that the spec declares.
  return most === 0 ? layouts[1] : layouts[found.indexOf(most)];
}

function notWanted(tensors: Safetensors['tensors'], names: ReadonlySet<string>, layout: WeightLayout) {
  const rest = [...tensors.keys()].filter((name) => !names.has(name));
  return { head: rest.filter((name) => layout.extra(name) === 'head'), foreign: rest.filter((name) => layout.extra(name) === 'foreign') };
}

function mismatch({ shape, dtype, data }: Safetensor, wanted: readonly number[]): string | undefined {
  if (shape.length !== wanted.length || shape.some((side, axis) => side !== wanted[axis]))
    return `is [${shape.join(', ')}], not [${wanted.join(', ')}]`;
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return `is ${dtype}, not floating point`;
  return undefined;
}

function listed(names: readonly string[]): string {
  return names.length <= SHOWN ? names.join(', ') : `${names.slice(0, SHOWN).join(', ')} and ${names.length - SHOWN} more`;
}
