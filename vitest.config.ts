import { defineConfig } from 'vitest/config';

// Numeric suites hold large tensors and start wasm backends: processes, not threads, and at most one for each core of a small machine.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    poolOptions: { forks: { minForks: 1, maxForks: 2 } },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
