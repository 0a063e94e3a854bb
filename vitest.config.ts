import { defineConfig } from 'vitest/config';

/** Tests that load ZeroMQ, whose native code does not survive the end of a thread: a process each. */
const NATIVE = [
  'live/**/*.test.ts',
  'test/{contract,services,soak}/**/*.test.ts',
  'ui/**/*.test.ts',
];

const shared = {
  // A test is never judged by its time: this only ends what hangs, on a busy machine too.
  testTimeout: 300_000,
  hookTimeout: 300_000,
  setupFiles: ['test/property-seed.ts'],
};

export default defineConfig({
  test: {
    // All cores: one is left out by default, which is half of a small machine.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          ...shared,
          name: 'pure',
          include: ['{core,sim,native,traces,test}/**/*.test.ts'],
          exclude: NATIVE,
          pool: 'threads',
        },
      },
      { test: { ...shared, name: 'native', include: NATIVE, pool: 'forks' } },
    ],
  },
});
