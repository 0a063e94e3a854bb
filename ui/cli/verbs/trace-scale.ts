import { type Command, Option } from 'commander';
import { InputError } from '#core/base/errors.ts';
import { rewriteTrace } from '#traces/transform/rewrite.ts';
import { Scale } from '#traces/transform/scale.ts';
import { parsePositive } from '../trace-options.ts';
import {
  addOutputOption,
  addRewriteOptions,
  newCounts,
  openTrace,
  openWriter,
  type RewriteFlags,
  writeRewritten,
} from '../trace-rewrite.ts';

interface ScaleFlags extends RewriteFlags {
  readonly rate: number;
  readonly lengths: number;
}

const EXAMPLES = `
Examples:
  $ windtunnel trace scale conversation_trace.jsonl.gz --rate 2 -o twice.jsonl.gz
  $ windtunnel trace scale conversation_trace.jsonl.gz --lengths 1.5 -o longer.jsonl.gz

--rate divides timestamps and think times. --lengths multiplies prompts and outputs, rounded up; the
blocks grow with them, so that prompts share the same proportion. The new block size is said.`;

/** `windtunnel trace scale TRACE`: the same traffic, denser or longer. */
export function register(trace: Command): void {
  const command = trace
    .command('scale')
    .description('make a trace denser or sparser, its requests longer or shorter')
    .argument('<trace>', 'a trace file, plain or .gz, a folder of shards; - for stdin')
    .addOption(
      new Option('--rate <factor>', 'times as many requests per second')
        .argParser(parsePositive)
        .default(1),
    )
    .addOption(
      new Option('--lengths <factor>', 'times as many tokens, in and out')
        .argParser(parsePositive)
        .default(1),
    );
  addOutputOption(addRewriteOptions(command))
    .addHelpText('after', EXAMPLES)
    .action(async (path: string, flags: ScaleFlags) => {
      const { rate, lengths } = flags;
      if (rate === 1 && lengths === 1) {
        throw new InputError('usage', 'nothing says what to scale', {
          remedy: 'give --rate or --lengths other than 1',
        });
      }
      const source = openTrace(path, flags, false);
      const writer = openWriter(flags);
      const counts = newCounts();
      const lines = rewriteTrace(source, new Scale({ file: path, rate, lengths }), writer, counts);
      await writeRewritten(lines, flags, [source], counts, writer);
    });
}
