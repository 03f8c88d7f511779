import { error, message } from '../entry.ts';

/** Comparison cases (`wsss compare`). */
export const cases = {
  'case-declares': error(message`a case declares no ${'what'}: it calls the very module that the method's spec uses`),
  'case-missing': error(message`this file has no case block`),
  'case-unknown-key': error(message`the reference file has no '${'key'}'`),
  'case-duplicate-key': error(message`'${'key'}' is bound twice`),
  'case-unknown-word': error(message`a case knows no line '${'word'}'`),
  'case-unknown-name': error(message`the method has no ${'what'} '${'name'}'`),
  'case-no-run': error(message`the case runs nothing: it needs one run line`),
  'case-many-runs': error(message`a case runs one thing; this is the second`),
  'case-layout': error(message`'${'key'}' has the layout ${'layout'}, which does not fit ${'rank'} axes`),
  'case-parameter': error(message`the reference file's parameter '${'key'}' is bound to ${'found'}, which is no parameter`),
  'case-parameter-unbound': error(message`the parameter '${'parameter'}' gets no value from the reference file`),
  'case-random': error(message`the random draw '${'name'}' cannot be held against a reference`),
} as const;
