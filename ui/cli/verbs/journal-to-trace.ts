import { stderr, stdout } from 'node:process';
import type { Command } from 'commander';
import { formatCount } from '#sim/report/format.ts';
import { writeTraceFile, writeTraceLines } from '#traces/write-file.ts';
import { JournalTrace } from '../journal/journal-trace.ts';
import { journalTraceLines } from '../journal/journal-trace-lines.ts';
import { cutLines, unendedNotes } from '../journal/output.ts';
import { programName } from '../repeat-command.ts';
import { outputFile } from '../trace-output.ts';
import { addOutputOption } from '../trace-rewrite.ts';

const EXAMPLES = `
Examples:
  $ windtunnel journal to-trace run.journal.jsonl.gz -o run.jsonl.gz
  $ windtunnel replay run.jsonl.gz --trace-block-size 512

The output is Mooncake JSONL, which does not state its block size: that of the router, or a multiple
of it, is said at the end with the command that reads it. Requests come when they came in the
journal; their blocks are those of the router, named anew, so that prompts share what they shared;
sessions keep their think times, and requests their tenant, policy class, taints, adapter, pin and
overrides.

Not carried: lists of allowed or excluded workers and of embedding holders, and what a request says
of the shared cache, for which a trace has no words (a note counts such requests); names of
requests; who waits for whom; and the settings of the run, which journal inspect shows.`;

/** Said of requests that asked for more than the trace tells. */
const UNSAYABLE =
  'requests named workers or weighed the shared cache, for which a trace has no words; left out';

interface ToTraceFlags {
  readonly output?: string;
  readonly force?: true;
}

/** `windtunnel journal to-trace FILE`: the requests of a journal as a trace. */
export function register(journal: Command): void {
  const command = journal
    .command('to-trace')
    .description('write the requests of a journal as a Mooncake trace')
    .argument('<file>', 'a journal, plain or .gz');
  addOutputOption(command)
    .option('--force', 'replace the output if it exists')
    .addHelpText('after', EXAMPLES)
    .action(toTrace);
}

async function toTrace(file: string, { output: named, force }: ToTraceFlags): Promise<void> {
  const output = outputFile(named);
  const trace = new JournalTrace(file);
  const counts = { requests: 0 };
  const lines = counted(journalTraceLines(file, trace), counts);
  if (output === undefined) await writeTraceLines(lines, stdout);
  else await writeTraceFile(output, lines, force === true);
  const { blockSize } = trace;
  for (const line of cutLines(trace.reader.finish())) stderr.write(`note: ${line.slice(2)}\n`);
  for (const note of unendedNotes(trace.unended)) stderr.write(`note: ${note}\n`);
  const { incomplete } = trace;
  if (incomplete > 0) stderr.write(`note: ${formatCount(incomplete)} ${UNSAYABLE}\n`);
  const blocks = `--trace-block-size ${blockSize}`;
  const read =
    output === undefined
      ? `an id stands for ${blockSize} tokens: read them with ${blocks}`
      : `${programName()} replay ${output} ${blocks}`;
  stderr.write(`wrote ${formatCount(counts.requests)} requests; ${read}\n`);
}

async function* counted(
  lines: AsyncIterable<string>,
  counts: { requests: number },
): AsyncGenerator<string> {
  for await (const line of lines) {
    counts.requests++;
    yield line;
  }
}
