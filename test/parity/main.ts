import { argv, stderr, stdout } from 'node:process';
import { describeFailure } from '#ui/cli/failure.ts';
import { caseFiles } from './case-files.ts';
import { readGolden } from './golden.ts';
import { judgeCase } from './judge-case.ts';
import { type ParityOptions, parseOptions, USAGE } from './options.ts';
import { printFlown, tallyText } from './print-verdict.ts';
import type { Verdict } from './verdict.ts';

async function flyAll(options: ParityOptions): Promise<Verdict[]> {
  // All files are read before the first flight, so that a bad one is known at once.
  const cases = caseFiles(options.paths).map((file) => ({ file, golden: readGolden(file) }));
  const verdicts: Verdict[] = [];
  for (const [index, given] of cases.entries()) {
    const verdict = await judgeCase(given, options);
    verdicts.push(verdict);
    stderr.write(`${index + 1}/${cases.length} ${verdict.name}: ${verdict.status}\n`);
    if (!options.json && verdict.status !== 'not-flown') {
      stdout.write(`${printFlown(verdict, options.verbose)}\n\n`);
    }
  }
  return verdicts;
}

function printNotFlown(verdicts: readonly Verdict[]): void {
  for (const verdict of verdicts) {
    if (verdict.status !== 'not-flown') continue;
    stdout.write(`${verdict.name}: not yet flown: ${verdict.reason}\n`);
  }
}

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (options === undefined) {
    stdout.write(`${USAGE}\n`);
    return 0;
  }
  if (!options.json) {
    const head = ['metric'.padEnd(42), 'theirs'.padStart(18), 'ours'.padStart(18)];
    stdout.write(`  ${head.join(' ')} ${'ratio'.padStart(10)}\n\n`);
  }
  const verdicts = await flyAll(options);
  if (options.json) {
    stdout.write(`${JSON.stringify({ cases: verdicts, tally: tallyText(verdicts) }, null, 1)}\n`);
  } else {
    printNotFlown(verdicts);
    stdout.write(`\n${tallyText(verdicts)}\n`);
  }
  return verdicts.some((verdict) => verdict.status === 'beyond') ? 1 : 0;
}

try {
  process.exitCode = await main(argv.slice(2));
} catch (error) {
  const { exitCode, text } = describeFailure(error, false);
  stderr.write(`${text}\n`);
  process.exitCode = exitCode;
}
