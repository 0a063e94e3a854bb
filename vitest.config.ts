import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{core,sim,live,native,traces,ui,test}/**/*.test.ts'],
    // A test is never judged by its time: this only ends what hangs, on a busy machine too.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    setupFiles: ['test/property-seed.ts'],
    pool: 'threads',
    // All cores: one is left out by default, which is half of a small machine.
    maxWorkers: '100%',
  },
});
