// Loaded before the command line: at the n-th checkpoint the process says so and waits, before or after the file gets its name, until it is killed.
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const { PAUSE_AT, PAUSE_WHEN } = process.env;
const rename = promises.rename;
let count = 0;

function forever() {
  process.stderr.write('PAUSED\n');
  setInterval(() => undefined, 1_000_000);
  return new Promise(() => undefined);
}

promises.rename = async (from, to) => {
  const reached = String(to).endsWith('checkpoint.safetensors') && ++count === Number(PAUSE_AT);
  if (reached && PAUSE_WHEN === 'before') await forever();
  await rename(from, to);
  if (reached) await forever();
};
syncBuiltinESMExports();
