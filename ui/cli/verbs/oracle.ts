import { argv, stderr, stdout } from 'node:process';
import { type Command, Option } from 'commander';
import { InputError } from '#core/base/errors.ts';
import { configDigest } from '#core/config/digest.ts';
import { isDisaggregated, poolsOf } from '#core/config/pools.ts';
import { resolveConfig } from '#core/config/resolve.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import type { ConfigPlace } from '#core/config/source.ts';
import { hindsightChoices } from '#sim/oracle/hindsight.ts';
import { reuseCeilings } from '#sim/oracle/oracle.ts';
import { readConfig } from '../config-file.ts';
import { addFlightOptions, type FlightOptions } from '../flight-options.ts';
import { fly } from '../fly.ts';
import { withJournalConfig } from '../journal/journal-config.ts';
import { printResult } from '../journal/output.ts';
import { index } from '../journal/wanted-decision.ts';
import { loadTrace, TRACE_BLOCK_KEY, withBlocksOf } from '../load-trace.ts';
import { withPolicy } from '../policy/with-policy.ts';
import { openProgress } from '../progress.ts';
import { readRates } from '../recorded-rates.ts';
import { repeatCommand } from '../repeat-command.ts';
import { isWritten, withShortFlags } from '../short-flags.ts';
import { oracleJson, oracleLines } from '../views/oracle.ts';

interface OracleOptions extends FlightOptions<'table' | 'json'> {
  readonly forks: number;
}

const EXAMPLES = `
Examples:
  How much of the reuse that could be had does this router get?
    $ windtunnel oracle conversation_trace.jsonl.gz --set cluster.workers=16

  And for ten requests, which worker would have served each of them soonest?
    $ windtunnel oracle conversation_trace.jsonl.gz --set cluster.workers=16 --forks 10

The ceilings, in full blocks of the engine, requests in the order in which they arrive:
  infinite cache    one cache for all workers that never evicts
  Belady            one cache as large as all of theirs, which evicts what is used again last, block
                    by block; what a request computes goes in, as in an engine
  greedy placement  a cache for each worker, evicted as by the engine; each request goes where it
                    gains most (found less driven out), whatever the load: no bound, but to be had
Generated tokens take no room in them. --forks flies the run once for each request and each worker
that could have served it; with engine.data_parallel_size above 1 a worker here is one rank of one.`;

/** `windtunnel oracle TRACE`: how far a run is from what could have been reached. */
export function register(program: Command): void {
  const command = program
    .command('oracle')
    .description('the ceilings of prefix reuse: infinite cache, Belady, best placement')
    .argument('<trace>', 'a trace or journal, plain or .gz, a folder of shards; - for stdin')
    .addOption(
      new Option(
        '--forks <n>',
        'requests to send to every eligible worker in turn, for the best TTFT',
      )
        .argParser(index)
        .default(0),
    )
    .addHelpText('after', EXAMPLES)
    .action(oracle);
  addFlightOptions(command);
}

async function oracle(path: string, given: OracleOptions): Promise<void> {
  const options = withJournalConfig(path, given);
  const { value, place } = readConfig(options.config);
  const sets = withPolicy(withShortFlags(options.set, { ...options }, value), value);
  const written = resolveConfig(value, sets, place);
  refusePools(written, place);
  const trace = await loadTrace(path, written, isWritten(sets, value, TRACE_BLOCK_KEY));
  const config = withBlocksOf(trace, written);
  const rates = await readRates(config);
  const { seed } = config;
  const flight = { trace, rates, config, configSha256: configDigest(config), seed };
  const targets = config.cluster.workers * config.engine.data_parallel_size;
  const runs = 1 + (options.forks === 0 ? 0 : 1 + options.forks * (targets - 1));
  const progress = openProgress(stderr, options, runs);
  const { result } = fly(flight, progress);
  const choices = hindsightChoices(
    result,
    targets,
    options.forks,
    (observer) => fly({ ...flight, observer }, progress).result,
  );
  progress?.finish();
  const ceilings = reuseCeilings(config, trace.batches, trace.hasContent, result);
  const made = { path, mode: config.router.mode, seed, ceilings, choices };
  printResult(options.format, oracleJson(made), oracleLines(made));
  if (options.format === 'table') stdout.write(`\n${repeatCommand(argv.slice(2), seed)}\n`);
}

/** What could have been reached is known for one router and its workers. */
function refusePools(config: ResolvedConfig, place: ConfigPlace): void {
  if (!isDisaggregated(config)) return;
  throw new InputError('config_invalid', 'the oracle knows the choices of one router alone', {
    ...(place.file !== undefined && { file: place.file }),
    path: 'cluster.pools',
    received: poolsOf(config).map(({ role }) => role),
    allowed: 'one pool with role: aggregated, or cluster.workers',
    remedy: 'compare whole configs with `windtunnel compare --candidate NAME=FILE`',
  });
}
