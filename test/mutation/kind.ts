import type { Spec } from './spec.ts';

/** One edit of the text that makes one mistake. */
export interface Site {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Names whose uses may be told in place of the edit: what the statement around it declares, or what is no longer there. */
  readonly blames: readonly string[];
}

/** What an author gets wrong. */
export interface MutationKind {
  readonly name: string;
  /** In words, for the list of survivors. */
  readonly mistake: string;
  /** The promise of the language (its section 4) that such a mistake breaks where it breaks one. */
  readonly promise: 'shapes' | 'kinds' | 'gradients' | 'supervision' | 'numbers' | 'names';
  /** Every place of a spec at which it can be made. */
  sites(spec: Spec): readonly Site[];
}
