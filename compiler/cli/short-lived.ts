/** For commands that end within a second. */
import { setFlagsFromString } from 'node:v8';

/** The V8 of Node 20. Later ones call the budget something else, and complain on standard error about flags they do not know. */
const V8_WITH_BUDGET = /^11\./;

/**
 * Lets functions run longer before V8 optimises them. A check runs each of many functions a few hundred times: compiling those to fast code, and
 * throwing most of it away again as other shapes come by, took half of its processor time. Loops that do run long are still optimised.
 */
export function expectShortLife(): void {
  if (V8_WITH_BUDGET.test(process.versions.v8)) setFlagsFromString('--interrupt-budget=1000000');
}
