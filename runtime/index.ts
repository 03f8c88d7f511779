/** What generated programs import. */
export * from './host/generated.ts';
export type * from './program.ts';
