import { type Command, Option } from 'commander';
import { InputError } from '#core/base/errors.ts';
import { Cut } from '#traces/transform/cut.ts';
import { rewriteTrace } from '#traces/transform/rewrite.ts';
import { parseCount, parseSeconds } from '../trace-options.ts';
import {
  addOutputOption,
  addRewriteOptions,
  newCounts,
  openTrace,
  openWriter,
  type RewriteFlags,
  writeRewritten,
} from '../trace-rewrite.ts';

interface CutFlags extends RewriteFlags {
  readonly from?: number;
  readonly to?: number;
  readonly requests?: number;
}

const EXAMPLES = `
Examples:
  $ windtunnel trace cut conversation_trace.jsonl.gz --from 600 --to 1200 -o ten-minutes.jsonl
  $ windtunnel trace cut conversation_trace.jsonl.gz --requests 1000 -o head.jsonl.gz

Seconds count from the first arrival. A session is kept whole, by where its first turn lies: it may
go on beyond the span, and --requests may therefore write more than it says. Times are kept.`;

/** `windtunnel trace cut TRACE`: what begins in a span of a trace. */
export function register(trace: Command): void {
  const command = trace
    .command('cut')
    .description('keep what begins in a span of a trace, sessions whole')
    .argument('<trace>', 'a trace file, plain or .gz, a folder of shards; - for stdin')
    .addOption(new Option('--from <seconds>', 'from this arrival on').argParser(parseSeconds))
    .addOption(new Option('--to <seconds>', 'up to, and without, it').argParser(parseSeconds))
    .addOption(
      new Option('--requests <n>', 'only what begins within the first n requests').argParser(
        parseCount,
      ),
    );
  addOutputOption(addRewriteOptions(command))
    .addHelpText('after', EXAMPLES)
    .action(async (path: string, flags: CutFlags) => {
      const { from, to, requests } = flags;
      checkSpan(flags);
      const source = openTrace(path, flags, from !== undefined || to !== undefined);
      const writer = openWriter(flags);
      const counts = newCounts();
      const cut = new Cut({
        ...(from === undefined ? {} : { fromMs: from * 1_000 }),
        ...(to === undefined ? {} : { toMs: to * 1_000 }),
        ...(requests === undefined ? {} : { requests }),
      });
      const lines = rewriteTrace(source, cut, writer, counts);
      await writeRewritten(lines, flags, [source], counts, writer);
    });
}

function checkSpan({ from, to, requests }: CutFlags): void {
  if (from === undefined && to === undefined && requests === undefined) {
    throw new InputError('usage', 'nothing says what to cut', {
      remedy: 'give --from, --to or --requests',
    });
  }
  if (from === undefined || to === undefined || from < to) return;
  throw new InputError('usage', 'the span is empty', {
    path: '--to',
    received: to,
    allowed: `seconds after --from ${from}`,
  });
}
