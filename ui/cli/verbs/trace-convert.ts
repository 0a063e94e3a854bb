import type { Command } from 'commander';
import { MooncakeWriter } from '#traces/transform/mooncake-writer.ts';
import { rewriteTrace } from '#traces/transform/rewrite.ts';
import {
  addRewriteOptions,
  newCounts,
  openTrace,
  type RewriteFlags,
  writeRewritten,
} from '../trace-rewrite.ts';

const EXAMPLES = `
Examples:
  $ windtunnel trace convert sessions_prefix.jsonl.gz sessions.jsonl.gz
  $ windtunnel trace convert miniswe_derived.jsonl.gz miniswe.jsonl --chars-per-token 4
  $ windtunnel trace convert profile_export.jsonl run.jsonl --trace-format aiperf

The output is Mooncake JSONL: timestamp (ms), input_length, output_length, hash_ids, and our
session_id, delay and priority. Requests of a format without content get ids that no other request
has, so that their prompts share nothing.`;

/** `windtunnel trace convert IN OUT`: a trace of any known format as Mooncake JSONL. */
export function register(trace: Command): void {
  const command = trace
    .command('convert')
    .description('rewrite a trace of any known format as Mooncake JSONL')
    .argument('<in>', 'a trace file, plain or .gz')
    .argument('<out>', 'the file to write, gzip by .gz');
  addRewriteOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async (path: string, output: string, flags: RewriteFlags) => {
      const source = openTrace(path, flags, false);
      const writer = new MooncakeWriter('kept');
      const counts = newCounts();
      const lines = rewriteTrace(source, { take: () => true }, writer, counts);
      await writeRewritten(lines, { ...flags, output }, [source], counts, writer);
    });
}
