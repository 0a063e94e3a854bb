import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{core,sim,live,native,traces,ui,test}/**/*.test.ts'],
    testTimeout: 60_000,
    setupFiles: ['test/property-seed.ts'],
    pool: 'threads',
  },
});
