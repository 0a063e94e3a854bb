import type { Command } from 'commander';
import { rewriteTrace } from '#traces/transform/rewrite.ts';
import { parseOutput } from '../trace-output.ts';
import {
  addRewriteOptions,
  newCounts,
  openTrace,
  openWriter,
  type RewriteFlags,
  writeRewritten,
} from '../trace-rewrite.ts';

const EXAMPLES = `
Examples:
  $ windtunnel trace convert sessions_prefix.jsonl.gz sessions.jsonl.gz
  $ windtunnel trace convert miniswe_derived.jsonl.gz miniswe.jsonl --chars-per-token 4
  $ windtunnel trace convert profile_export.jsonl run.jsonl --trace-format aiperf
  $ windtunnel trace convert agents.jsonl agents.wt.jsonl.gz --output-format windtunnel

The output is Mooncake JSONL: timestamp (ms), input_length, output_length, hash_ids, and our
session_id, delay and priority. Requests of a format without content get ids that no other request
has, so that their prompts share nothing. --output-format windtunnel writes our own format, which
leaves nothing out: also requests that wait for others, prompts that hold earlier output, the block
size.`;

/** `windtunnel trace convert IN OUT`: a trace of any known format as one that we write. */
export function register(trace: Command): void {
  const command = trace
    .command('convert')
    .description('rewrite a trace of any known format as Mooncake JSONL or our own')
    .argument('<in>', 'a trace file, plain or .gz, a folder of shards; - for stdin')
    .argument('<out>', 'the file to write, gzip by .gz; - for stdout', parseOutput);
  addRewriteOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async (path: string, output: string, flags: RewriteFlags) => {
      const source = openTrace(path, flags, false);
      const writer = openWriter(flags);
      const counts = newCounts();
      const lines = rewriteTrace(source, { take: () => true }, writer, counts);
      await writeRewritten(lines, { ...flags, output }, [source], counts, writer);
    });
}
