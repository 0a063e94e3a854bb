import { stderr, stdout } from 'node:process';
import { type Command, Option } from 'commander';
import { readTraceFile } from '#traces/files.ts';
import { inspectTrace, type TraceInspection } from '#traces/inspect/inspect-trace.ts';
import { inspectionJson } from '#traces/inspect/inspection-json.ts';
import { formatOption } from '../format-option.ts';
import {
  charactersPerTokenOption,
  chosenReading,
  parseCount,
  type ReadingFlags,
  readBlockSizeOption,
  traceFormatOption,
} from '../trace-options.ts';
import { inspectionMarkdown, inspectionTable } from '../views/trace-inspection.ts';

interface InspectFlags extends ReadingFlags {
  readonly limit?: number;
  readonly format: 'table' | 'json' | 'md';
}

const EXAMPLES = `
Examples:
  $ windtunnel trace inspect conversation_trace.jsonl.gz
  $ windtunnel trace inspect conversation_trace.jsonl.gz --format json | jq .infinite_cache
  $ windtunnel trace inspect AzureLLMInferenceTrace_conv.csv.gz --trace-format azure

The infinite-cache ceiling is what a prefix cache that never evicts would serve; the working set
says how large an LRU cache must be to come near it. Sizes count blocks of the trace.`;

/** `windtunnel trace inspect TRACE`: what a trace asks for, before any cluster flies it. */
export function register(trace: Command): void {
  trace
    .command('inspect')
    .description('lengths, arrivals, sessions and prefix reuse of a trace')
    .argument('<trace>', 'a trace file, plain or .gz, a folder of shards; - for stdin')
    .addOption(traceFormatOption())
    .addOption(readBlockSizeOption())
    .addOption(charactersPerTokenOption())
    .addOption(
      new Option('--limit <requests>', 'look only at the first requests').argParser(parseCount),
    )
    .addOption(formatOption('md'))
    .addHelpText('after', EXAMPLES)
    .action(async (path: string, flags: InspectFlags) => {
      const loaded = await readTraceFile(path, {
        ...chosenReading(flags),
        ...(flags.limit === undefined ? {} : { limit: flags.limit }),
        requireTimestamps: false,
      });
      for (const note of loaded.notes) stderr.write(`note: ${note}\n`);
      stdout.write(render(inspectTrace(loaded, loaded.traceBlockSize), flags.format));
    });
}

function render(inspection: TraceInspection, format: InspectFlags['format']): string {
  if (format === 'json') return `${JSON.stringify(inspectionJson(inspection), undefined, 2)}\n`;
  return format === 'md' ? inspectionMarkdown(inspection) : inspectionTable(inspection);
}
