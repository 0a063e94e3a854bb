import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { stderr, stdout } from 'node:process';
import type { Command } from 'commander';
import { InputError } from '#core/base/errors.ts';
import { type AccuracyReport, reportAccuracy } from '#sim/accuracy/report.ts';
import { formatCount } from '#sim/report/format.ts';
import { readPoints } from '../accuracy/read-points.ts';
import { writeFilesAtomically } from '../atomic-files.ts';
import { formatOption } from '../format-option.ts';
import { seedOption } from '../number-flags.ts';
import { packagePath } from '../package-paths.ts';
import { ProgressLine } from '../progress-line.ts';
import { accuracyJson } from '../views/accuracy/json.ts';
import { accuracyPage } from '../views/accuracy/page.ts';
import { accuracyMarkdown, accuracyTable } from '../views/accuracy/text.ts';

interface AccuracyFlags {
  readonly points?: string;
  readonly format: 'table' | 'md' | 'json';
  readonly html?: string;
  readonly keepGoing?: true;
  readonly quiet?: true;
  readonly seed: number;
}

const EXAMPLES = `
Examples:
  How far are estimates off what others have measured?
    $ windtunnel accuracy

  And off what you have measured yourself? One point a line, as estimate --points reads them:
    $ windtunnel accuracy --points mine.jsonl

  A page with plots and every point, to open in a browser or to send:
    $ windtunnel accuracy --html accuracy.html

  Time per token by GPU, for a script:
    $ windtunnel accuracy --format json | jq '.by.gpu[] | {name, tpot: .errors.tpot_ms.median}'

Each point is flown as estimate does it. The milliseconds that an engine's host takes are fitted
anew without the point's class of GPUs, and without its family of models; the worse counts. The
project's own goals are judged only where every row says its family and its source, as published
rows do.`;

const FORMATS: Readonly<Record<AccuracyFlags['format'], (report: AccuracyReport) => string>> = {
  table: accuracyTable,
  md: accuracyMarkdown,
  json: accuracyJson,
};

/** `windtunnel accuracy`: how far estimates are off measured points. */
export function register(program: Command): void {
  program
    .command('accuracy')
    .description('how far estimates are off points measured on real GPUs')
    .option(
      '--points <file>',
      'measured points, JSON lines, plain or .gz (default: ../shared/ground-truth, where it is there)',
    )
    .addOption(formatOption('md'))
    .option('--html <file>', 'also write a page with plots and every point')
    .option('--keep-going', 'leave out a line that cannot be read, and say so')
    .addOption(seedOption())
    .option('--quiet', 'no progress on stderr')
    .addHelpText('after', EXAMPLES)
    .action(showAccuracy);
}

function showAccuracy({ points, format, html, keepGoing, quiet, seed }: AccuracyFlags): void {
  const file = points ?? defaultPoints();
  const { rows, unreadable } = readPoints(file, keepGoing === true);
  for (const message of unreadable) stderr.write(`left out: ${message}\n`);
  const progress = quiet === true || format === 'json' ? undefined : new ProgressLine(stderr);
  const report = reportAccuracy(rows, seed, (done, total) => {
    const share = done / total;
    progress?.show(share, () => {
      return `${Math.floor(share * 100)} % · ${formatCount(done)}/${formatCount(total)} flights`;
    });
  });
  progress?.finish();
  if (html !== undefined) {
    writeFilesAtomically([{ path: html, content: accuracyPage(report) }]);
    stderr.write(`${html}: a page with plots and every point\n`);
  }
  stdout.write(FORMATS[format](report));
}

/** The published points beside the repository. */
function defaultPoints(): string {
  const path = packagePath('..', 'shared', 'ground-truth', 'measured.jsonl.gz');
  if (existsSync(path)) return path;
  throw new InputError('usage', 'no measured points lie beside the repository', {
    path: '--points',
    allowed: 'a file of measured points',
    received: relative('.', path),
  });
}
