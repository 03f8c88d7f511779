/** For commands that end within a second. */
import { setFlagsFromString } from 'node:v8';

/**
 * Lets functions run longer before V8 optimises them. A check runs each of many functions a few hundred times: compiling those to fast code, and
 * throwing most of it away again as other shapes come by, took half of its processor time. Loops that do run long are still optimised.
 */
export function expectShortLife(): void {
  setFlagsFromString('--interrupt-budget=1000000');
}
