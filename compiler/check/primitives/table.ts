/** The functions an author may call without an import: by name, and in groups as the library and the guide show them. */
import { ALIGNMENT } from './alignment.ts';
import { ELEMENTWISE } from './elementwise.ts';
import { INDEXING } from './indexing.ts';
import { LAYOUT } from './layout.ts';
import { MAPS } from './maps.ts';
import { PHOTO } from './photo.ts';
import type { Primitive } from './primitive.ts';
import { REDUCTIONS } from './reductions.ts';
import { SOURCES } from './sources.ts';

export interface PrimitiveGroup {
  readonly title: string;
  readonly members: Readonly<Record<string, Primitive>>;
}

export const PRIMITIVE_GROUPS: readonly PrimitiveGroup[] = [
  { title: 'Element by element', members: ELEMENTWISE },
  { title: 'Reductions and choices', members: REDUCTIONS },
  { title: 'Order and indices', members: INDEXING },
  { title: 'Axes and products', members: LAYOUT },
  { title: 'Maps', members: MAPS },
  { title: 'Views of one image', members: ALIGNMENT },
  { title: 'Given numbers, sizes and first values', members: SOURCES },
  { title: 'The photo of an inference program', members: PHOTO },
];

export const PRIMITIVES: Readonly<Record<string, Primitive>> = Object.fromEntries(
  PRIMITIVE_GROUPS.flatMap(({ members }) => Object.entries(members)),
);
