import { expect, test } from 'vitest';
import { tallyLines, tallyVitest } from './tally.mjs';

const passedFile = { status: 'passed', assertionResults: [{ status: 'passed' }] };

test('counts what passed and what failed', () => {
  const file = { status: 'failed', assertionResults: [{ status: 'failed' }] };
  const report = {
    numPassedTests: 4,
    numFailedTests: 1,
    numPendingTests: 0,
    testResults: [passedFile, file],
  };
  expect(tallyVitest(report, false)).toEqual({ passed: 4, failed: 1, skipped: 0 });
  const clean = {
    numPassedTests: 4,
    numFailedTests: 0,
    numPendingTests: 0,
    testResults: [passedFile],
  };
  expect(tallyVitest(clean, true)).toEqual({ passed: 4, failed: 0, skipped: 0 });
});

test('a file that cannot be loaded, an error outside of tests and a missing report each fail', () => {
  const broken = { status: 'failed', assertionResults: [] };
  const unloadable = {
    numPassedTests: 1,
    numFailedTests: 0,
    numPendingTests: 0,
    testResults: [passedFile, broken],
  };
  expect(tallyVitest(unloadable, false)).toEqual({ passed: 1, failed: 1, skipped: 0 });
  const clean = {
    numPassedTests: 1,
    numFailedTests: 0,
    numPendingTests: 0,
    testResults: [passedFile],
  };
  expect(tallyVitest(clean, false)).toEqual({ passed: 1, failed: 1, skipped: 0 });
  expect(tallyVitest(undefined, false)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test('what was skipped is counted and named, and only then', () => {
  const report = {
    numPassedTests: 3,
    numFailedTests: 0,
    numPendingTests: 2,
    testResults: [passedFile],
  };
  const tally = tallyVitest(report, true);
  expect(tally).toEqual({ passed: 3, failed: 0, skipped: 2 });
  expect(tallyLines(tally)).toEqual([
    'not checked: 2 tests need the reference data in ../shared, or a peer that npm run test:peers installs',
    '3 passed, 0 failed, 2 skipped',
  ]);
  expect(tallyLines({ ...tally, skipped: 0 })).toEqual(['3 passed, 0 failed']);
});
