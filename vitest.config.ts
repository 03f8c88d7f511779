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

// Numeric suites hold large tensors and start wasm backends: processes, not threads, and at most one for each core of a small machine.
export default defineConfig({
  test: {
    pool: 'forks',
    poolOptions: { forks: { minForks: 1, maxForks: 2 } },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    projects: [
      { extends: true, test: { name: 'wsss', include: ['test/**/*.test.ts'] } },
      // Whoever names a folder of references wants that one alone.
      ...(process.env.WSSS_FIXTURES === undefined
        ? [{ extends: true as const, test: { name: 'second references', include: WITH_REFERENCES, env: { WSSS_FIXTURES: second } } }]
        : []),
    ],
  },
});
