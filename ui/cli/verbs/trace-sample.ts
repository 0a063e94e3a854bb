import { type Command, Option } from 'commander';
import { rewriteTrace } from '#traces/transform/rewrite.ts';
import { Sample } from '#traces/transform/sample.ts';
import { parseFraction, parseSeed } from '../trace-options.ts';
import {
  addOutputOption,
  addRewriteOptions,
  newCounts,
  openTrace,
  openWriter,
  type RewriteFlags,
  writeRewritten,
} from '../trace-rewrite.ts';

interface SampleFlags extends RewriteFlags {
  readonly fraction: number;
  readonly seed: number;
}

const EXAMPLES = `
Examples:
  $ windtunnel trace sample conversation_trace.jsonl.gz --fraction 0.1 -o tenth.jsonl.gz
  $ windtunnel trace sample agents.jsonl.gz --fraction 0.5 --seed 7 -o half.jsonl

Each session, and each request without one, is kept whole with the given probability. Times are
kept: a tenth of a trace is a tenth of its rate.`;

/** `windtunnel trace sample TRACE`: a seeded share of a trace's sessions. */
export function register(trace: Command): void {
  const command = trace
    .command('sample')
    .description('keep a random share of a trace, sessions whole')
    .argument('<trace>', 'a trace file, plain or .gz, a folder of shards; - for stdin')
    .addOption(
      new Option('--fraction <share>', 'probability of being kept, above 0 and up to 1')
        .argParser(parseFraction)
        .makeOptionMandatory(),
    )
    .addOption(new Option('--seed <seed>', 'seed of the draw').argParser(parseSeed).default(42));
  addOutputOption(addRewriteOptions(command))
    .addHelpText('after', EXAMPLES)
    .action(async (path: string, flags: SampleFlags) => {
      const source = openTrace(path, flags, false);
      const writer = openWriter(flags);
      const counts = newCounts();
      const sample = new Sample(flags.fraction, flags.seed);
      const lines = rewriteTrace(source, sample, writer, counts);
      await writeRewritten(lines, flags, [source], counts, writer);
    });
}
