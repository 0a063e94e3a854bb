import { argv, stderr, stdout } from 'node:process';
import { type Command, Option } from 'commander';
import { canonicalJson } from '#core/base/canonical-json.ts';
import { InputError } from '#core/base/errors.ts';
import { buildComparison, type Comparison } from '#sim/compare/comparison.ts';
import { expandGrid, expandOver, parseVariation, type Variation } from '#sim/compare/grid.ts';
import { takeOutcome } from '#sim/compare/outcome.ts';
import { renderComparisonMarkdown, renderComparisonTable } from '#sim/compare/render.ts';
import { allSeedEffects } from '#sim/compare/seed-effects.ts';
import { ComparisonTally } from '#sim/compare/tally.ts';
import { unjudgedMetrics } from '#sim/compare/unjudged.ts';
import { plainPassTimes } from '#sim/report/plain-pass-times.ts';
import type { Report } from '#sim/report/report.ts';
import type { LoadedTrace } from '#traces/loaded-trace.ts';
import {
  baselineIndex,
  type Contender,
  contendersOn,
  resolveAblation,
  resolveContenders,
  resolveNamedConfigs,
} from '../contenders.ts';
import { addFlightOptions, type FlightOptions } from '../flight-options.ts';
import { fly, reportTrace } from '../fly.ts';
import { withJournalConfig } from '../journal/journal-config.ts';
import { loadTrace, refuseUnfit } from '../load-trace.ts';
import { type NamedConfig, parseNamedConfig, withConfigsNamed } from '../named-configs.ts';
import { paint } from '../paint.ts';
import { withPolicyKeys } from '../policy/vary-policy.ts';
import { openProgress } from '../progress.ts';
import { type RecordedRates, readRates } from '../recorded-rates.ts';
import { repeatCommand } from '../repeat-command.ts';
import { parseCount } from '../trace-options.ts';

/** Candidates of which every two can be shown: 496 pairs. */
const PAIRED_MAX = 32;

interface CompareOptions extends FlightOptions<'table' | 'json' | 'md'> {
  readonly vary: readonly Variation[];
  readonly seeds: number;
  readonly baseline?: string;
  readonly ablate?: boolean;
  readonly candidate: readonly NamedConfig[];
  readonly allPairs?: boolean;
  readonly allMetrics?: boolean;
}

const EXAMPLES = `
Examples:
  Which router serves this traffic better, and is the difference real?
    $ windtunnel compare conversation_trace.jsonl.gz \\
        --vary router.mode=round_robin,kv_router --seeds 20

  A grid of four, against its second cell, for a script:
    $ windtunnel compare conversation_trace.jsonl.gz --vary cluster.workers=8,16 \\
        --vary router.mode=round_robin,kv_router \\
        --baseline 'workers=8, mode=kv_router' --format json

  A router of your own against two that are built in:
    $ windtunnel compare conversation_trace.jsonl.gz --vary policy=./my-router.ts,kv_router,random

  Three whole configs, each held against each other:
    $ windtunnel compare conversation_trace.jsonl.gz --candidate prod.yaml \\
        --candidate queue=with-queue.yaml --candidate wide=16-workers.yaml --all-pairs

  What is each term of the router's cost worth on this traffic?
    $ windtunnel compare conversation_trace.jsonl.gz --ablate --seeds 10

All candidates fly the same arrivals. Five seeds or more give intervals over seeds; fewer give
intervals over blocks of requests. The headline metrics of all candidates are judged together
(Holm), so that the more there are, the more it takes to be called better. Arrivals are spread
inside the trace's own time resolution, unless workload.arrival_jitter is set.`;

/** `windtunnel compare TRACE`: flies candidates on the same arrivals and says what differs. */
export function register(program: Command): void {
  const command = program
    .command('compare')
    .description('fly candidates on the same arrivals, and say whether they differ')
    .argument('<trace>', 'a trace or journal, plain or .gz, a folder of shards; - for stdin')
    .addOption(
      new Option(
        '--vary <key=a,b>',
        'a key and its values, or config=FILE,FILE; several make a grid',
      )
        .argParser((text: string, earlier: readonly Variation[]) => [
          ...earlier,
          parseVariation(text),
        ])
        .default([], 'none'),
    )
    .addOption(
      new Option('--seeds <n>', 'runs of each candidate, with seeds from --seed up')
        .argParser(parseCount)
        .default(5),
    )
    .addOption(
      new Option('--candidate <name=file>', 'a whole config under a name, as often as needed')
        .argParser((text: string, earlier: readonly NamedConfig[]) => [
          ...earlier,
          parseNamedConfig(text),
        ])
        .default([], 'none'),
    )
    .option('--ablate', "the router's cost as it is, and without each of its terms")
    .option('--baseline <name>', 'candidate that the others are held against; default the first')
    .option('--all-pairs', 'hold every two candidates against each other, too')
    .option('--all-metrics', 'list p50, p90 and p95 of each latency in the tables, too')
    .addHelpText('after', EXAMPLES)
    .action(compare);
  command.addOption(
    new Option('--gate <bound>').hideHelp().argParser((text: string) => {
      throw new InputError('usage', 'bounds are held against one run', {
        file: '--gate',
        received: text,
        remedy: 'give it to `windtunnel replay`, once for each candidate',
      });
    }),
  );
  addFlightOptions(command, 'md');
}

async function compare(path: string, given: CompareOptions): Promise<void> {
  const options = given.candidate.length > 0 ? given : withJournalConfig(path, given);
  const written = contendersOf(options);
  refuseTooManyPairs(written.length, options.allPairs === true);
  const baseline = baselineIndex(written, options.baseline);
  const blocksWritten = written.some((contender) => contender.blocksWritten);
  const loaded = await loadTrace(path, written[0]!.config, blocksWritten);
  for (const { config } of written.slice(1)) refuseUnfit(loaded, config);
  const trace = withContentNote(loaded, written);
  const contenders = contendersOn(trace, written);
  const { config } = contenders[0]!;
  const rates = await Promise.all(contenders.map((contender) => readRates(contender.config)));
  const comparison = flyAll({ trace, rates }, contenders, baseline, options);
  stdout.write(render(comparison, options));
  if (options.format !== 'json') {
    stdout.write(`\n${repeatCommand(argv.slice(2), config.seed)}\n`);
  }
  if (comparison.paired_requests === 0) process.exitCode = 1;
}

function refuseTooManyPairs(candidates: number, allPairs: boolean): void {
  if (!allPairs || candidates <= PAIRED_MAX) return;
  throw new InputError('usage', 'too many pairs for a table', {
    file: '--all-pairs',
    received: `${(candidates * (candidates - 1)) / 2} pairs of ${candidates} candidates`,
    allowed: `up to ${PAIRED_MAX} candidates`,
    remedy: 'hold them against one --baseline',
  });
}

function contendersOf(options: CompareOptions): Contender[] {
  const { vary, named } = withConfigsNamed(options.vary, options.candidate);
  if (options.ablate === true) {
    if (vary.length === 0 && named.length === 0) return resolveAblation(options);
    const other = vary.length > 0 ? '--vary' : '--candidate';
    throw new InputError('usage', `makes its own candidates, and cannot stand beside ${other}`, {
      file: '--ablate',
      remedy: 'leave one of the two out',
    });
  }
  if (named.length === 0) return resolveContenders(options, withPolicyKeys(expandGrid(vary)));
  if (options.config !== undefined) {
    const beside = options.candidate.length > 0 ? '--candidate' : '--vary config=…';
    throw new InputError('usage', `cannot stand beside ${beside}, which gives whole configs`, {
      file: '--config',
      received: options.config,
      remedy: `let it compete: --candidate ${options.config}`,
    });
  }
  return resolveNamedConfigs(options, named, withPolicyKeys(expandOver(named.length, vary)));
}

/** Routing by content needs content: a user who compares routers on lengths alone should know. */
function withContentNote(trace: LoadedTrace, contenders: readonly Contender[]): LoadedTrace {
  const byContent = contenders.some(({ config }) => config.router.mode === 'kv_router');
  if (trace.hasContent || !byContent) return trace;
  const note = 'the trace does not say which prompts share content: kv_router balances load only';
  stderr.write(`note: ${note}\n`);
  return { ...trace, notes: [...trace.notes, note] };
}

/** What all candidates fly; the rates are those of each candidate. */
interface Traffic {
  readonly trace: LoadedTrace;
  readonly rates: readonly (RecordedRates | undefined)[];
}

function flyAll(
  { trace, rates }: Traffic,
  contenders: readonly Contender[],
  baseline: number,
  options: CompareOptions,
): Comparison {
  const first = contenders[0]!.config.seed;
  const seeds = Array.from({ length: options.seeds }, (_, index) => first + index);
  const tally = new ComparisonTally({
    candidates: contenders.length,
    seeds: seeds.length,
    requests: trace.requests,
    seed: first,
  });
  const timing = contenders.map((): Report['timing'] => undefined);
  const progress = openProgress(stderr, options, contenders.length * seeds.length);
  for (const seed of seeds) {
    const outcomes = contenders.map(({ name, config, configSha256 }, index) => {
      const flight = { trace, rates: rates[index], config, configSha256, seed };
      const { result, report } = fly({ ...flight, label: `${name}, seed ${seed}` }, progress);
      timing[index] ??= report.timing;
      return takeOutcome(report, result.requests);
    });
    tally.addSeed(outcomes);
  }
  progress?.finish();
  return buildComparison(tally.finish(), {
    trace: reportTrace(trace, rates[0], contenders[0]!.config),
    candidates: contenders.map((contender, index) => {
      const rows = timing[index];
      const passTimes = plainPassTimes(contender.config);
      return { ...contender, passTimes, ...(rows && { timing: rows }) };
    }),
    baseline,
    seeds,
    seedVaries: allSeedEffects(contenders.map(({ config }) => config)),
    unjudged: unjudgedMetrics(contenders.map(({ config }) => config)),
    allPairs: options.allPairs === true,
  });
}

function render(comparison: Comparison, { format, allMetrics }: CompareOptions): string {
  const tables = { allMetrics: allMetrics === true };
  if (format === 'json') return `${canonicalJson(comparison, 2)}\n`;
  if (format === 'md') return renderComparisonMarkdown(comparison, tables);
  return paint(renderComparisonTable(comparison, tables), stdout);
}
