/** What generated programs import. */
export type * from './program.ts';
