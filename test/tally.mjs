import { existsSync, readFileSync } from 'node:fs';

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Tally
 * @typedef {{ status: string, assertionResults: { status: string }[] }} VitestFile
 * @typedef {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, testResults: VitestFile[] }} VitestReport
 */

/**
 * Counts a Vitest run. A test file that could not even be loaded holds no test, so it counts as one
 * failure; so does a run that ended badly while every test passed (an error outside of any test), and
 * a run that wrote no report.
 *
 * @param {VitestReport | undefined} report
 * @param {boolean} endedWell
 * @returns {Tally}
 */
export function tallyVitest(report, endedWell) {
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const broken = report.testResults.filter(
    (file) =>
      file.status === 'failed' &&
      !file.assertionResults.some((result) => result.status === 'failed'),
  );
  const failed = report.numFailedTests + broken.length;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && !endedWell ? 1 : failed,
    skipped: report.numPendingTests,
  };
}

/**
 * The lines that `npm test` ends with; the last one is the count.
 *
 * @param {Tally} tally
 * @returns {readonly string[]}
 */
export function tallyLines({ passed, failed, skipped }) {
  const count = `${passed} passed, ${failed} failed`;
  if (skipped === 0) return [count];
  const tests = skipped === 1 ? '1 test needs' : `${skipped} tests need`;
  const lacks = 'the reference data in ../shared, or a peer that npm run test:peers installs';
  return [`not checked: ${tests} ${lacks}`, `${count}, ${skipped} skipped`];
}

/**
 * The report that Vitest's JSON reporter left at `path`, if it got that far.
 *
 * @param {string} path
 * @returns {VitestReport | undefined}
 */
export function readVitestReport(path) {
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
