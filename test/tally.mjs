import { existsSync, readFileSync } from 'node:fs';

/**
 * @typedef {{ passed: number, failed: number }} Tally
 * @typedef {{ status: string, assertionResults: { status: string }[] }} VitestFile
 * @typedef {{ numPassedTests: number, numFailedTests: number, testResults: VitestFile[] }} VitestReport
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
  if (report === undefined) return { passed: 0, failed: 1 };
  const broken = report.testResults.filter(
    (file) =>
      file.status === 'failed' &&
      !file.assertionResults.some((result) => result.status === 'failed'),
  );
  const failed = report.numFailedTests + broken.length;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && !endedWell ? 1 : failed,
  };
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
