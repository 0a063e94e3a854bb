import { stderr, stdout } from 'node:process';
import { Argument, type Command, Option } from 'commander';
import { generateTrace } from '#traces/generate/generate-trace.ts';
import { WORKLOAD_NAMES, WORKLOADS, type WorkloadName } from '#traces/generate/tenants.ts';
import { writeTraceFile, writeTraceLines } from '#traces/write-file.ts';
import { parseCount, parsePositive, parseSeed, traceBlockSizeOption } from '../trace-options.ts';

interface GenerateFlags {
  readonly requests: number;
  readonly requestRate: number;
  readonly burstiness: number;
  readonly seed: number;
  readonly traceBlockSize: number;
  readonly output?: string;
  readonly force?: true;
}

const EXAMPLES = `
Workloads:
  questions  single questions over long shared system prompts
  chat       conversations: each turn resends what was said and answered
  agents     agent loops: many short turns, tool calls between them
  mixed      all three, as tenants of one cluster

Examples:
  $ windtunnel trace generate mixed --requests 3000 --request-rate 8 --seed 42 -o mixed.jsonl.gz
  $ windtunnel trace generate chat --requests 10 | head -3

The same workload, options and seed give the same trace. Lines are Mooncake JSONL.`;

/** `windtunnel trace generate WORKLOAD`: a seeded trace of our own. */
export function register(trace: Command): void {
  trace
    .command('generate')
    .description('make a trace: shared system prompts, multi-turn chat, agent loops')
    .addArgument(new Argument('<workload>', 'what the users do').choices(WORKLOAD_NAMES))
    .addOption(numberOption('--requests <n>', 'requests in the trace', parseCount, 2_000))
    .addOption(numberOption('--request-rate <rate>', 'requests per second', parsePositive, 8))
    .addOption(
      numberOption(
        '--burstiness <shape>',
        'gamma shape of the gaps between sessions: 1 is Poisson, smaller is burstier',
        parsePositive,
        1,
      ),
    )
    .addOption(numberOption('--seed <seed>', 'seed of every random draw', parseSeed, 42))
    .addOption(traceBlockSizeOption())
    .option('-o, --output <file>', 'write to a file, gzip by .gz; without it to stdout')
    .option('--force', 'replace the file if it exists')
    .addHelpText('after', EXAMPLES)
    .action(async (workload: WorkloadName, flags: GenerateFlags) => {
      const lines = generateTrace({ ...flags, tenants: WORKLOADS[workload] });
      if (flags.output === undefined) {
        await writeTraceLines(lines, stdout);
        return;
      }
      await writeTraceFile(flags.output, lines, flags.force === true);
      const requests = flags.requests.toLocaleString('en-US');
      stderr.write(`wrote ${requests} requests; windtunnel trace inspect ${flags.output}\n`);
    });
}

function numberOption(
  name: string,
  description: string,
  parse: (text: string) => number,
  fallback: number,
): Option {
  return new Option(name, description).argParser(parse).default(fallback);
}
