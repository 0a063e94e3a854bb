// `npm test`: installs what is missing, runs every step even when an earlier one failed, and prints
// "N passed, N failed" as its last line, with ", N skipped" where reference data is absent. Arguments go to Vitest: `npm test -- core/router`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureInstalled, pinnedEnvironment, pinnedNode, repositoryRoot } from '#ui/cli/ground.mjs';
import { debianPackages, provideDebianPackages, runQuietly } from './debian-packages.mjs';
import { readVitestReport, tallyLines, tallyVitest } from './tally.mjs';

/**
 * @param {string} heading
 * @param {readonly string[]} command
 * @returns {boolean} whether it ended well
 */
function runStep(heading, command) {
  const [program = '', ...args] = command;
  console.log(`\n── ${heading}`);
  const started = Date.now();
  const { status } = spawnSync(program, args, {
    cwd: repositoryRoot,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: pinnedEnvironment(),
  });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(`── ${heading}: ${status === 0 ? 'passed' : 'FAILED'} in ${seconds} s`);
  return status === 0;
}

/**
 * @param {readonly string[]} filters
 * @returns {import('./tally.mjs').Tally}
 */
function runVitest(filters) {
  const folder = mkdtempSync(join(tmpdir(), 'windtunnel-test-'));
  const output = join(folder, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${output}`];
  const script = join('node_modules', 'vitest', 'vitest.mjs');
  const endedWell = runStep('tests', [pinnedNode(), script, 'run', ...reporters, ...filters]);
  const tally = tallyVitest(readVitestReport(output), endedWell);
  rmSync(folder, { recursive: true, force: true });
  return tally;
}

/** @returns {boolean} */
function provideMachine() {
  const missing = provideDebianPackages(debianPackages, runQuietly, process.getuid?.() === 0);
  if (missing.length === 0) return true;
  console.log(`Missing Debian packages: ${missing.join(' ')}. Install them with:`);
  console.log(`  sudo apt-get install ${missing.join(' ')}`);
  return false;
}

ensureInstalled();
const tally = { passed: 0, failed: 0, skipped: 0 };
if (!provideMachine()) tally.failed++;
for (const [heading, ...command] of [
  ['types', pinnedNode(), join('node_modules', 'typescript', 'bin', 'tsc'), '--noEmit'],
  ['lint', pinnedNode(), join('node_modules', '@biomejs', 'biome', 'bin', 'biome'), 'check', '.'],
]) {
  if (runStep(heading ?? '', command)) tally.passed++;
  else tally.failed++;
}
const tests = runVitest(process.argv.slice(2));
tally.passed += tests.passed;
tally.failed += tests.failed;
tally.skipped += tests.skipped;
console.log(`\n${tallyLines(tally).join('\n')}`);
process.exitCode = tally.failed === 0 ? 0 : 1;
