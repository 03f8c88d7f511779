import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Suites that read reference files run on a second set too: other sizes, batch, values and hyper-parameters. */
const WITH_REFERENCES = [
  'test/parity/parity.test.ts',
  'test/unit/metrics/metrics.test.ts',
  'test/unit/train/schedule.test.ts',
  'test/unit/data/pillow.test.ts',
  'test/unit/optimizers/update.test.ts',
  'test/unit/refine/{inter-pixel,dense-crf}.test.ts',
  'test/unit/graph/{run,native}.test.ts',
];
const second = fileURLToPath(new URL('./test/fixtures-second', import.meta.url));

const here = fileURLToPath(new URL('.', import.meta.url));
const long = process.env.WSSS_LONG !== undefined;

/** `npm run test:long` runs the suites that have a longer form: the others would only repeat `npm test`. */
function suites(): readonly string[] {
  if (!long) return ['test/**/*.test.ts'];
  return readdirSync(`${here}test`, { recursive: true, encoding: 'utf8' })
    .map((name) => `test/${name.replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith('.test.ts') && readFileSync(`${here}${name}`, 'utf8').includes('WSSS_LONG'));
}

// Numeric suites hold large tensors and start wasm backends: processes, not threads, and at most one for each core of a small machine.
export default defineConfig({
  test: {
    setupFiles: ['./test/breathe.ts'],
    pool: 'forks',
    poolOptions: { forks: { minForks: 1, maxForks: 2 } },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    projects: [
      { extends: true, test: { name: 'wsss', include: [...suites()] } },
      // Whoever names a folder of references wants that one alone.
      ...(process.env.WSSS_FIXTURES === undefined && !long
        ? [{ extends: true as const, test: { name: 'second references', include: WITH_REFERENCES, env: { WSSS_FIXTURES: second } } }]
        : []),
    ],
  },
});
