import { stderr, stdout } from 'node:process';
import { type Command, Option } from 'commander';
import type { TraceReadOptions } from '#traces/collector.ts';
import { TraceStream } from '#traces/files.ts';
import { MooncakeWriter } from '#traces/transform/mooncake-writer.ts';
import type { RewriteCounts } from '#traces/transform/rewrite.ts';
import type { Naming } from '#traces/transform/row-ids.ts';
import type { TraceWriter } from '#traces/transform/trace-writer.ts';
import { WindtunnelWriter } from '#traces/transform/windtunnel-writer.ts';
import { writeTraceFile, writeTraceLines } from '#traces/write-file.ts';
import { programName } from './repeat-command.ts';
import {
  charactersPerTokenOption,
  chosenReading,
  type ReadingFlags,
  readBlockSizeOption,
  traceFormatOption,
} from './trace-options.ts';
import { outputFile, outputOption } from './trace-output.ts';

/** Blocks of the published Mooncake traces: what a reader of the output assumes. */
const USUAL_BLOCK_SIZE = 512;

/** What the verbs that make a trace of traces share. */
export interface RewriteFlags extends ReadingFlags {
  readonly output?: string;
  readonly outputFormat: 'mooncake' | 'windtunnel';
  readonly force?: true;
}

/** Adds how to read the input, and `--force`. */
export function addRewriteOptions(command: Command): Command {
  return command
    .addOption(traceFormatOption())
    .addOption(readBlockSizeOption())
    .addOption(charactersPerTokenOption())
    .addOption(
      new Option(
        '--output-format <format>',
        'what to write: Mooncake JSONL, or our own format, which leaves nothing out',
      )
        .choices(['mooncake', 'windtunnel'])
        .default('mooncake'),
    )
    .option('--force', 'replace the output if it exists');
}

/** Adds `-o` on top. */
export function addOutputOption(command: Command): Command {
  return command.addOption(outputOption());
}

/** Opens a trace to be read batch by batch. */
export function openTrace(
  path: string,
  flags: RewriteFlags,
  requireTimestamps: boolean,
): TraceStream {
  const options: TraceReadOptions = {
    ...chosenReading(flags),
    requireTimestamps,
  };
  return new TraceStream(path, options);
}

/** The writer of the format that is asked for. */
export function openWriter(
  { outputFormat }: RewriteFlags,
  naming: Naming = 'kept',
  tenants: readonly string[] = [],
): TraceWriter {
  return outputFormat === 'windtunnel'
    ? new WindtunnelWriter(naming, tenants)
    : new MooncakeWriter(naming, tenants);
}

export function newCounts(): RewriteCounts {
  return { read: 0, written: 0, blockSize: USUAL_BLOCK_SIZE };
}

/** Writes the lines whole or not at all, then says on stderr what happened to the traces. */
export async function writeRewritten(
  lines: AsyncIterable<string>,
  { output: named, force, outputFormat }: RewriteFlags,
  sources: readonly TraceStream[],
  counts: RewriteCounts,
  writer: TraceWriter,
): Promise<void> {
  const output = outputFile(named);
  if (output === undefined) await writeTraceLines(lines, stdout);
  else await writeTraceFile(output, lines, force === true);
  const notes = sources.flatMap(({ path, notes: own }) =>
    own.map((note) => (sources.length > 1 ? `${path}: ${note}` : note)),
  );
  if (writer.withoutContent > 0) {
    notes.push(
      `${count(writer.withoutContent)} requests have no content: their prompts share nothing`,
    );
  }
  if (outputFormat === 'mooncake' && sources.some(({ resendsOutput }) => resendsOutput)) {
    notes.push('prompts hold earlier output, which Mooncake cannot say: answers serve no prompt');
  }
  const unusual = outputFormat === 'mooncake' && counts.blockSize !== USUAL_BLOCK_SIZE;
  const blocks = unusual ? ` --trace-block-size ${counts.blockSize}` : '';
  if (unusual) {
    notes.push(`an id stands for ${counts.blockSize} tokens: read it with${blocks}`);
  }
  const share = `${count(counts.written)} of ${count(counts.read)} requests`;
  const next = output === undefined ? '' : `; ${programName()} trace inspect ${output}${blocks}`;
  stderr.write(`${notes.map((note) => `note: ${note}\n`).join('')}wrote ${share}${next}\n`);
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
