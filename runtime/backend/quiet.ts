/** tfjs writes advertisements to the console. Errors do not pass through here: they are thrown, and reported by whoever catches them. */
import { enableProdMode, env } from '@tensorflow/tfjs-core';

/** Idempotent. Production mode also skips tfjs's scans of every value it is given. */
export function quiet(): void {
  if (!env().getBool('PROD')) enableProdMode();
}
