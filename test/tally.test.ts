import { expect, test } from 'vitest';
import { tallyVitest } from './tally.mjs';

const passedFile = { status: 'passed', assertionResults: [{ status: 'passed' }] };

test('counts what passed and what failed', () => {
  const file = { status: 'failed', assertionResults: [{ status: 'failed' }] };
  const report = { numPassedTests: 4, numFailedTests: 1, testResults: [passedFile, file] };
  expect(tallyVitest(report, false)).toEqual({ passed: 4, failed: 1 });
  const clean = { numPassedTests: 4, numFailedTests: 0, testResults: [passedFile] };
  expect(tallyVitest(clean, true)).toEqual({ passed: 4, failed: 0 });
});

test('a file that cannot be loaded, an error outside of tests and a missing report each fail', () => {
  const broken = { status: 'failed', assertionResults: [] };
  const unloadable = { numPassedTests: 1, numFailedTests: 0, testResults: [passedFile, broken] };
  expect(tallyVitest(unloadable, false)).toEqual({ passed: 1, failed: 1 });
  const clean = { numPassedTests: 1, numFailedTests: 0, testResults: [passedFile] };
  expect(tallyVitest(clean, false)).toEqual({ passed: 1, failed: 1 });
  expect(tallyVitest(undefined, false)).toEqual({ passed: 0, failed: 1 });
});
