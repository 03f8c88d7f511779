/** The functions an author may call without an import, by name. */
import { ELEMENTWISE } from './elementwise.ts';
import { INDEXING } from './indexing.ts';
import { LAYOUT } from './layout.ts';
import { MAPS } from './maps.ts';
import { PHOTO } from './photo.ts';
import type { Primitive } from './primitive.ts';
import { REDUCTIONS } from './reductions.ts';
import { SOURCES } from './sources.ts';

export const PRIMITIVES: Readonly<Record<string, Primitive>> = {
  ...ELEMENTWISE,
  ...REDUCTIONS,
  ...INDEXING,
  ...LAYOUT,
  ...MAPS,
  ...SOURCES,
  ...PHOTO,
};
