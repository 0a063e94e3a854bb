import type { Command } from 'commander';
import { InputError } from '#core/base/errors.ts';
import { mergeTraces } from '#traces/transform/merge.ts';
import {
  addOutputOption,
  addRewriteOptions,
  newCounts,
  openTrace,
  openWriter,
  type RewriteFlags,
  writeRewritten,
} from '../trace-rewrite.ts';

interface MergeFlags extends RewriteFlags {
  readonly shareIds?: true;
  readonly tenants?: readonly string[];
}

const EXAMPLES = `
Examples:
  $ windtunnel trace merge chat.jsonl.gz agents.jsonl.gz -o both.jsonl.gz
  $ windtunnel trace merge chat.jsonl.gz agents.jsonl.gz --tenants chat,agents -o both.jsonl.gz
  $ windtunnel trace merge first-hour.jsonl second-hour.jsonl --share-ids -o both.jsonl

Rows are ordered by their timestamps, which are kept; rows of one time in the order of the files.
Without --share-ids the traces are strangers: blocks are renumbered and sessions renamed (1/NAME,
2/NAME), so that nothing is shared between files. With it, equal ids are equal blocks and equal
session names are one session: for parts of one trace. Tenants have the shares that their files
have: thin or scale a file first (trace sample, trace scale) to give it another.`;

function splitNames(text: string): string[] {
  return text.split(',').map((name) => name.trim());
}

function refuseOtherCount(tenants: readonly string[] | undefined, paths: readonly string[]): void {
  if (tenants === undefined) return;
  if (tenants.length === paths.length && !tenants.includes('')) return;
  throw new InputError('usage', 'needs a name for each trace', {
    path: '--tenants',
    received: tenants.join(','),
    allowed: `${paths.length} names, separated by commas`,
  });
}

/** `windtunnel trace merge A B…`: several traces as one, by time. */
export function register(trace: Command): void {
  const command = trace
    .command('merge')
    .description('merge traces by time; their blocks and sessions stay apart')
    .argument('<traces...>', 'two or more trace files, plain or .gz')
    .option('--share-ids', 'the files speak of the same blocks and sessions')
    .option('--tenants <a,b>', 'names of tenants, one a file, for all of its requests', splitNames);
  addOutputOption(addRewriteOptions(command))
    .addHelpText('after', EXAMPLES)
    .action(async (paths: readonly string[], flags: MergeFlags) => {
      if (paths.length < 2) {
        throw new InputError('usage', 'one trace cannot be merged', { remedy: 'name two or more' });
      }
      const sources = paths.map((path) => openTrace(path, flags, true));
      refuseOtherCount(flags.tenants, paths);
      const naming = flags.shareIds === true ? 'kept' : 'apart';
      const writer = openWriter(flags, naming, flags.tenants);
      const counts = newCounts();
      const lines = mergeTraces(sources, writer, counts);
      await writeRewritten(lines, flags, sources, counts, writer);
    });
}
