/** Every group of words, in the order of `wsss explain` and of the reference. */
import { CLAUSES, CONSTRUCTS } from './constructs.ts';
import { KINDS } from './kinds.ts';
import { ARTEFACTS, STAGES } from './stages.ts';
import { OPTIMISERS, ROLES, SCHEDULES, SETTINGS, SUPERVISION } from './training.ts';
import { STEPS } from './views.ts';
import type { WordGroup } from './word.ts';

export const WORD_GROUPS: readonly WordGroup[] = [
  CONSTRUCTS,
  KINDS,
  SUPERVISION,
  CLAUSES,
  STEPS,
  SETTINGS,
  OPTIMISERS,
  SCHEDULES,
  ROLES,
  STAGES,
  ARTEFACTS,
];
