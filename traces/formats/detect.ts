import { InputError } from '#core/base/errors.ts';
import type { TraceFormat } from '../loaded-trace.ts';
import { AzureReader, isAzureHeader } from './azure.ts';
import type { LinePlace } from './fields.ts';
import type { LineReaderOptions, TraceLineReader } from './line-reader.ts';
import { MooncakeReader } from './mooncake.ts';

/** The reader of a format. */
export function openLineReader(format: TraceFormat, options: LineReaderOptions): TraceLineReader {
  return format === 'azure' ? new AzureReader(options) : new MooncakeReader(options);
}

/** The format that a trace's first line shows; an InputError says what was seen instead. */
export function detectFormat(firstLine: string, place: LinePlace): TraceFormat {
  if (isAzureHeader(firstLine)) return 'azure';
  if (firstLine.trimStart().startsWith('{')) return 'mooncake';
  throw new InputError('trace_invalid', 'the format of the trace is not recognised', {
    ...place,
    received: firstLine.slice(0, 200),
    allowed: 'Mooncake (a JSON object a line) or Azure (TIMESTAMP,ContextTokens,GeneratedTokens)',
    remedy: 'convert the file, or name its format with --trace-format',
  });
}
