/** Calls of primitives. */
import { DimError } from '../shape/dim.ts';
import type { Span } from '../source/source.ts';
import type { Arguments } from './call.ts';
import type { Elaboration } from './elaboration.ts';
import { isOptional, parameterName, Reader, Refused } from './primitives/arguments.ts';
import { PHOTO_STEPS } from './primitives/photo.ts';
import { PRIMITIVES } from './primitives/table.ts';
import { POISON, type Value } from './values.ts';

export function isPrimitive(name: string): boolean {
  return Object.hasOwn(PRIMITIVES, name);
}

/** A function, since the table of primitives may still be loading when this file is read. */
export function primitiveNames(): readonly string[] {
  return Object.keys(PRIMITIVES);
}

/** A function of one value: `relu`. */
export function takesOne(name: string): boolean {
  return PRIMITIVES[name].params.filter((p) => !isOptional(p)).length === 1;
}

/** The name of a primitive's argument by its position. */
export function argumentName(primitive: string, position: number): string | undefined {
  const parameter = isPrimitive(primitive) ? PRIMITIVES[primitive].params[position] : undefined;
  return parameter && parameterName(parameter);
}

export function callPrimitive(E: Elaboration, name: string, args: Arguments, at: Span): Value {
  const primitive = args.positional[0]?.value.kind === 'photo' && Object.hasOwn(PHOTO_STEPS, name) ? PHOTO_STEPS[name] : PRIMITIVES[name];
  try {
    return primitive.run(new Reader(E, name, primitive.params, args, at));
  } catch (error) {
    if (error instanceof Refused) return POISON;
    if (error instanceof DimError) {
      E.report('size-out-of-range', at, { where: name, reason: error.message });
      return POISON;
    }
    throw error;
  }
}
