import { stderr, stdout } from 'node:process';
import { type Command, Option } from 'commander';
import { InputError } from '#core/base/errors.ts';
import { nearestName } from '#core/base/nearest.ts';
import { generateTrace } from '#traces/generate/generate-trace.ts';
import { WORKLOAD_NAMES, WORKLOADS, type WorkloadName } from '#traces/generate/tenants.ts';
import { writeTraceFile, writeTraceLines } from '#traces/write-file.ts';
import { programName } from '../repeat-command.ts';
import { fitAndTell, generateFromFit } from '../trace-fit.ts';
import {
  charactersPerTokenOption,
  parseCount,
  parsePositive,
  parseSeconds,
  parseSeed,
  type ReadingFlags,
  traceFormatOption,
} from '../trace-options.ts';
import { outputFile, outputOption } from '../trace-output.ts';
import { generateFromServegen, type ServegenFlags } from '../trace-servegen.ts';

interface GenerateFlags extends ReadingFlags, ServegenFlags {
  readonly fit?: string;
  readonly requests?: number;
  readonly requestRate?: number;
  readonly burstiness?: number;
  readonly seed: number;
  readonly output?: string | undefined;
  readonly force?: true;
}

const EXAMPLES = `
Workloads:
  questions  single questions over long shared system prompts
  chat       conversations: each turn resends what was said and answered
  agents     agent loops: many short turns, tool calls between them
  mixed      all three, as tenants of one cluster
  FIT.json   traffic like that of a trace, from a fit of it
  servegen   the clients that ServeGen recorded, each a tenant: rates and lengths, no content

Examples:
  $ windtunnel trace generate mixed --requests 3000 --request-rate 8 --seed 42 -o mixed.jsonl.gz
  $ windtunnel trace generate chat --requests 10 | head -3
  $ windtunnel trace generate --fit conversation_trace.jsonl.gz -o fit.json
  $ windtunnel trace generate fit.json --requests 20000 --seed 7 -o like-it.jsonl.gz
  $ windtunnel trace generate servegen --rates client_rate_traces.tar.gz \\
      --lengths m-small_length_distributions.tar.gz --from 43200 --to 43260 -o noon.jsonl.gz

The same workload, options and seed give the same trace. Lines are Mooncake JSONL. A fit holds
distributions and statistics of sharing, and no request of the trace: it can be given away in its
place. How close the traffic is that it generates is said on stderr.`;

/** `windtunnel trace generate WORKLOAD`: a seeded trace of our own, or one like another. */
export function register(trace: Command): void {
  trace
    .command('generate')
    .description(
      'make a trace: shared system prompts, multi-turn chat, agent loops, or like another',
    )
    .argument('[workload]', `what the users do: ${WORKLOAD_NAMES.join(', ')}, FIT.json or servegen`)
    .addOption(new Option('--fit <trace>', 'describe a trace by a fit instead of making one'))
    .addOption(
      numberOption(
        '--requests <n>',
        'requests in the trace (default: 2000, or as the fit or recording)',
        parseCount,
      ),
    )
    .addOption(
      numberOption(
        '--request-rate <rate>',
        'requests per second (default: 8); for a fit, begins per second (default: as the fit or recording)',
        parsePositive,
      ),
    )
    .addOption(
      numberOption(
        '--burstiness <shape>',
        'gamma shape of the gaps between sessions: 1 is Poisson (the default), smaller is burstier',
        parsePositive,
      ),
    )
    .addOption(numberOption('--seed <seed>', 'seed of every random draw', parseSeed).default(42))
    .addOption(
      numberOption(
        '--trace-block-size <tokens>',
        'tokens that one hash id stands for (default: 512, or as the trace of a fit)',
        parseCount,
      ),
    )
    .addOption(new Option('--rates <tar>', 'servegen: chunk-N-trace.csv of the clients'))
    .addOption(new Option('--lengths <tar>', 'servegen: chunk-N-dataset.json of one model'))
    .addOption(
      numberOption('--from <seconds>', 'servegen: of the recording (default: 0)', parseSeconds),
    )
    .addOption(
      numberOption(
        '--to <seconds>',
        'servegen: without it (default: ten minutes later)',
        parseSeconds,
      ),
    )
    .addOption(traceFormatOption())
    .addOption(charactersPerTokenOption())
    .addOption(outputOption())
    .option('--force', 'replace the file if it exists')
    .addHelpText('after', EXAMPLES)
    .action(generate);
}

/** Does what the workload or `--fit` asks for; flags that this does not use are refused. */
async function generate(workload: string | undefined, given: GenerateFlags): Promise<void> {
  const flags = { ...given, output: outputFile(given.output) };
  if (workload !== 'servegen') {
    refuseWith(flags, 'only servegen has it', ['rates', 'lengths', 'from', 'to']);
  }
  if (flags.fit !== undefined) {
    refuseWith(flags, '--fit describes a trace', ['requests', 'requestRate', 'burstiness']);
    if (workload !== undefined) refuseWorkload(workload);
    await fitAndTell(flags.fit, flags);
  } else if (workload?.replace(/\.gz$/, '').endsWith('.json')) {
    refuseReading(flags);
    refuseWith(flags, 'the fit says it', ['burstiness', 'traceBlockSize']);
    await generateFromFit(workload, flags);
  } else if (workload === 'servegen') {
    refuseReading(flags);
    refuseWith(flags, 'the recording says it', ['burstiness', 'traceBlockSize']);
    await generateFromServegen(flags);
  } else {
    refuseReading(flags);
    await generateNamed(knownWorkload(workload), flags);
  }
}

async function generateNamed(workload: WorkloadName, flags: GenerateFlags): Promise<void> {
  const { requests = 2_000, requestRate = 8, burstiness = 1, seed, traceBlockSize = 512 } = flags;
  const tenants = WORKLOADS[workload];
  const lines = generateTrace({ tenants, requests, requestRate, burstiness, seed, traceBlockSize });
  if (flags.output === undefined) {
    await writeTraceLines(lines, stdout);
    return;
  }
  await writeTraceFile(flags.output, lines, flags.force === true);
  const count = requests.toLocaleString('en-US');
  stderr.write(`wrote ${count} requests; ${programName()} trace inspect ${flags.output}\n`);
}

function knownWorkload(workload: string | undefined): WorkloadName {
  const found = WORKLOAD_NAMES.find((name) => name === workload);
  if (found !== undefined) return found;
  const nearest = workload === undefined ? undefined : nearestName(workload, WORKLOAD_NAMES);
  throw new InputError(
    'usage',
    workload === undefined ? 'no workload is named' : 'no such workload',
    {
      path: 'workload',
      ...(workload !== undefined && { received: workload }),
      ...(nearest !== undefined && { nearest }),
      allowed: `${WORKLOAD_NAMES.join(', ')}, servegen, or the file of a fit (FIT.json)`,
    },
  );
}

function refuseWorkload(workload: string): never {
  throw new InputError('usage', 'a workload and --fit exclude each other', {
    path: 'workload',
    received: workload,
    remedy: 'make the fit first, then generate from its file',
  });
}

/** How to read a trace has no effect where none is read. */
function refuseReading(flags: GenerateFlags): void {
  const read = flags.traceFormat === 'auto' ? flags : { ...flags, readAs: flags.traceFormat };
  refuseWith(read, 'no trace is read', ['readAs', 'charsPerToken']);
}

const FLAG_NAMES: Readonly<Record<string, string>> = {
  requests: '--requests',
  requestRate: '--request-rate',
  burstiness: '--burstiness',
  traceBlockSize: '--trace-block-size',
  rates: '--rates',
  lengths: '--lengths',
  from: '--from',
  to: '--to',
  readAs: '--trace-format',
  charsPerToken: '--chars-per-token',
};

function refuseWith(flags: object, why: string, keys: readonly string[]): void {
  const idle = keys.find((key) => Object.hasOwn(flags, key));
  if (idle === undefined) return;
  throw new InputError('usage', `has no effect: ${why}`, {
    path: FLAG_NAMES[idle]!,
    remedy: 'leave it out',
  });
}

function numberOption(name: string, description: string, parse: (text: string) => number): Option {
  return new Option(name, description).argParser(parse);
}
