import { performance } from 'node:perf_hooks';
import { argv, stderr, stdout, version } from 'node:process';
import type { Command } from 'commander';
import { canonicalJson } from '#core/base/canonical-json.ts';
import { InputError } from '#core/base/errors.ts';
import { configDigest } from '#core/config/digest.ts';
import { resolveConfig } from '#core/config/resolve.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import { compareRecording } from '#sim/calibrate/compare-recording.ts';
import { recordedOutcome } from '#sim/calibrate/fly-recorded.ts';
import { seriesText } from '#sim/report/facts.ts';
import { failedGateLines, hasFailedGate, withGates } from '#sim/report/gates/judge-gates.ts';
import { renderReportCsv } from '#sim/report/render-csv.ts';
import { renderReportMarkdown } from '#sim/report/render-markdown.ts';
import { renderReportTable } from '#sim/report/render-table.ts';
import { type Report, withHost } from '#sim/report/report.ts';
import type { RunResult } from '#sim/report/run-result.ts';
import { writeFilesAtomically } from '../atomic-files.ts';
import { readRun } from '../calibrate/evidence.ts';
import { readConfig } from '../config-file.ts';
import { exportFiles } from '../exports/export-files.ts';
import {
  addExportOptions,
  checkExportOptions,
  type ExportOptions,
  timelineStepNs,
} from '../exports/export-options.ts';
import { addFlightOptions, type FlightOptions } from '../flight-options.ts';
import { type Flight, fly } from '../fly.ts';
import { addGateOptions, checkGateOptions, type GateOptions } from '../gate-options.ts';
import { withJournalConfig } from '../journal/journal-config.ts';
import { checkJournalPaths, JournalFiles } from '../journal/journal-files.ts';
import { loadTrace, TRACE_BLOCK_KEY, withBlocksOf } from '../load-trace.ts';
import { withFileContents } from '../named-files.ts';
import { checkOutputFolder, writeOutputFolder } from '../output-folder.ts';
import { paint } from '../paint.ts';
import { withPolicy } from '../policy/with-policy.ts';
import { openProgress } from '../progress.ts';
import { readRates } from '../recorded-rates.ts';
import { isRecording } from '../recording/recording-as-trace.ts';
import { withCalibratedDeployment } from '../recording/recording-config.ts';
import { repeatCommand } from '../repeat-command.ts';
import { isWritten, withShortFlags } from '../short-flags.ts';
import { comparisonTable } from '../views/calibration.ts';

interface ReplayOptions
  extends FlightOptions<'table' | 'json' | 'md' | 'csv'>,
    GateOptions,
    ExportOptions {
  readonly outputDir?: string;
  readonly overwrite?: boolean;
  readonly canonical?: boolean;
  readonly perWorker?: boolean;
  readonly journal?: string;
  readonly calibration?: string;
}

const EXAMPLES = `
Examples:
  Sixteen workers behind the KV router, and how many requests meet two objectives:
    $ windtunnel replay conversation_trace.jsonl.gz \\
        --set cluster.workers=16 --ttft 500 --itl 25

  Four times the traffic, everything written to a folder:
    $ windtunnel replay conversation_trace.jsonl.gz --arrival-speedup-ratio 4 --output-dir out

  Behind a router of your own, whose types come from the package llm-windtunnel/policy:
    $ windtunnel replay conversation_trace.jsonl.gz --policy ./my-router.ts

  Bursty arrivals, no more than 64 requests under way, the first 100 not counted:
    $ windtunnel replay conversation_trace.jsonl.gz --request-rate 8 --burstiness 0.3 \\
        --max-concurrency 64 --warmup-request-count 100

  A rate that climbs from 2 to 20 requests/s in ten minutes:
    $ windtunnel replay conversation_trace.jsonl.gz --set workload.arrivals=poisson \\
        --set 'workload.rate_shape={type: ramp, from_rps: 2, to_rps: 20, duration_s: 600}'

  Prompts computed apart from tokens, and a worker that changes sides after a minute:
    $ windtunnel replay conversation_trace.jsonl.gz \\
        --set 'cluster.pools=[{role: prefill, workers: 2}, {role: decode, workers: 4}]' \\
        --set 'cluster.schedule=[{at_ms: 60000, from: decode, to: prefill, cost_ms: 20000}]'

  Everything that the router was told and decided, and the proof that it follows:
    $ windtunnel replay conversation_trace.jsonl.gz --journal run.journal.jsonl.gz
    $ windtunnel journal verify run.journal.jsonl.gz

  A recorded run of your own server, with the constants that windtunnel calibrate has fitted to
  another one: its report, and beside it what its clients saw:
    $ windtunnel replay quiet/unique-r3.requests.jsonl.gz --calibration quiet.calibration.json

  Yesterday's traffic, as a live router has journaled it, under another policy:
    $ windtunnel replay run.journal.jsonl --set router.mode=round_robin

  The run over time, and files for Parquet readers, ui.perfetto.dev and Prometheus:
    $ windtunnel replay conversation_trace.jsonl.gz --output-dir out --series-step 1000 \\
        --export parquet,perfetto,prometheus

  A gate for a pull request: exit code 1 when one fails, and a summary to post:
    $ windtunnel replay conversation_trace.jsonl.gz --ttft 500 --gate 'ttft_ms.p99<=500' \\
        --gate 'goodput.ratio>=0.95' --gate 'anomalies.saturation==0' --summary-md gate.md

  For a script; the bytes depend on trace, config and seed only:
    $ windtunnel replay conversation_trace.jsonl.gz --format json --canonical | jq .summary.ttft_ms`;

/** `windtunnel replay TRACE`: flies a trace through a cluster and says what became of it. */
export function register(program: Command): void {
  const command = program
    .command('replay')
    .description('fly a trace through a simulated cluster')
    .argument('<trace>', 'a trace or journal, plain or .gz, a folder of shards; - for stdin')
    .option('--output-dir <folder>', 'write report.json, report.md, requests.jsonl, config.yaml')
    .option('--per-worker', 'list every worker')
    .option(
      '--journal <file>',
      'write every fact and decision of the router, gzip by .gz; a file a pool',
    )
    .option('--overwrite', 'replace what an earlier run wrote there')
    .option('--canonical', 'leave out what depends on the host')
    .addHelpText('after', EXAMPLES)
    .action(replay);
  addGateOptions(addExportOptions(command));
  addFlightOptions(command, 'md', 'csv');
}

async function replay(path: string, given: ReplayOptions): Promise<void> {
  const options = withJournalConfig(path, given);
  const { calibration } = options;
  const source = readConfig(options.config);
  const { value, place } = withCalibratedDeployment(source, options.set, calibration);
  const asked = withShortFlags(options.set, { ...options }, value);
  const sets = withFileContents(withPolicy(asked, value));
  const written = resolveConfig(value, sets, place);
  const { outputDir } = options;
  refuseIdleOverwrite(options);
  if (outputDir !== undefined) {
    checkOutputFolder(outputDir, options.overwrite === true, options.config);
  }
  checkExportOptions(options, outputDir, options.format);
  checkGateOptions(options, written, options.overwrite === true);
  const { journal: journalPath, overwrite = false } = options;
  if (journalPath !== undefined) checkJournalPaths(journalPath, written, overwrite);
  const trace = await loadTrace(path, written, isWritten(sets, value, TRACE_BLOCK_KEY));
  const config = withBlocksOf(trace, written);
  const rates = await readRates(config);
  const flown = await flyJournaled({ trace, rates }, config, options);
  const { result, journal } = flown;
  const report = withGates(flown.report, options.gate);
  if (report.series?.asked_step_ms !== undefined)
    say(`the series have ${seriesText(report.series)}`);
  try {
    await journal?.finish();
    if (outputDir !== undefined) {
      const exports = exportFiles(result, report, options, say);
      writeOutputFolder(outputDir, report, result, exports);
    }
    writeSummary(report, options);
  } finally {
    // A disk that is full must not cost the result of a long run.
    print(report, config.seed, options);
    if (options.format === 'table') printBesideRecording(path, result);
    // A script that reads numbers, or nothing, is told why the exit code is 1.
    for (const line of failedGateLines(report)) stderr.write(`${line}\n`);
  }
  // Nothing was served: the numbers are there to say why, but a script must not go on with them.
  if (report.summary.completed === 0 || hasFailedGate(report)) process.exitCode = 1;
}

/** There is nothing to replace where nothing is written. */
function refuseIdleOverwrite({ overwrite, outputDir, journal, summaryMd }: ReplayOptions): void {
  if (overwrite !== true || (outputDir ?? journal ?? summaryMd) !== undefined) return;
  throw new InputError('usage', 'has no effect: the run writes no file', {
    path: '--overwrite',
    remedy: 'leave it out, or name an output: --output-dir, --journal or --summary-md',
  });
}

function say(text: string): void {
  stderr.write(`note: ${text}\n`);
}

function writeSummary(report: Report, { summaryMd, perWorker = false }: ReplayOptions): void {
  if (summaryMd === undefined) return;
  const content = renderReportMarkdown(report, perWorker);
  writeFilesAtomically([{ path: summaryMd, content }]);
}

/** The flight, and the file that takes its journal, if one is asked for. */
async function flyJournaled(
  traffic: Pick<Flight, 'trace' | 'rates'>,
  config: ResolvedConfig,
  options: ReplayOptions,
): Promise<ReturnType<typeof fly> & { readonly journal: JournalFiles | undefined }> {
  const { journal: path } = options;
  const journal = path === undefined ? undefined : new JournalFiles(path, config);
  try {
    return { ...flyTimed(traffic, config, options, journal), journal };
  } catch (error) {
    await journal?.abandon();
    throw error;
  }
}

/** The flight with the time that it took on this host. */
function flyTimed(
  traffic: Pick<Flight, 'trace' | 'rates'>,
  config: ResolvedConfig,
  options: ReplayOptions,
  journal: JournalFiles | undefined,
): ReturnType<typeof fly> {
  const progress = openProgress(stderr, options);
  const stepNs = timelineStepNs(options);
  const flight = {
    ...traffic,
    config,
    configSha256: configDigest(config),
    seed: config.seed,
    perWorker: options.perWorker === true,
    ...(journal && { journal: journal.write }),
    ...(stepNs !== undefined && { timelineStepNs: stepNs }),
    series: options.seriesStep !== undefined,
  };
  const startedMs = performance.now();
  const { result, report } = fly(flight, progress);
  const wallMs = performance.now() - startedMs;
  progress?.finish();
  return { result, report: options.canonical ? report : withHost(report, wallMs, version) };
}

/** A recording tells what its clients have seen: it stands beside the flight. */
function printBesideRecording(path: string, result: RunResult): void {
  if (!isRecording(path)) return;
  const run = readRun(path);
  const records = run.records.slice(0, result.requests.count);
  const comparison = compareRecording({ ...run, records }, recordedOutcome(result));
  stdout.write(`\nMeasured → flown, ${comparisonTable(comparison)}`);
}

function print(report: Report, seed: number, options: ReplayOptions): void {
  const { format } = options;
  stdout.write(render(report, options));
  if (format !== 'table' && format !== 'md') return;
  stdout.write(`\n${repeatCommand(argv.slice(2), seed)}\n`);
}

function render(report: Report, { format, perWorker = false }: ReplayOptions): string {
  if (format === 'json') return `${canonicalJson(report, 2)}\n`;
  if (format === 'csv') return renderReportCsv(report);
  if (format === 'md') return renderReportMarkdown(report, perWorker);
  return paint(renderReportTable(report, perWorker), stdout);
}
