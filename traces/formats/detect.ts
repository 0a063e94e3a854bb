import { InputError } from '#core/base/errors.ts';
import type { TraceFormat } from '#core/config/trace-formats.ts';
import { isAgenticHeader } from './agentic-header.ts';
import { AgenticMooncakeReader } from './agentic-mooncake.ts';
import { AiperfReader } from './aiperf.ts';
import { AppliedComputeReader } from './applied-compute.ts';
import { AZURE_HEADER, AzureReader } from './azure.ts';
import { BURSTGPT_HEADER, BurstGptReader } from './burstgpt.ts';
import { isHeader } from './csv.ts';
import { DYNAMO_SCHEMA, DynamoReader } from './dynamo.ts';
import type { JsonRecord, LinePlace } from './fields.ts';
import { isRecord } from './json-line.ts';
import type { LineReaderOptions, TraceLineReader } from './line-reader.ts';
import { LmcacheReader } from './lmcache.ts';
import { MooncakeReader } from './mooncake.ts';
import { MooncakeDeltaReader } from './mooncake-delta.ts';
import { TOTAL_RATE_HEADER } from './servegen/rate-windows.ts';
import { VllmBenchReader } from './vllm-bench.ts';
import { WekaReader } from './weka.ts';
import { WindtunnelReader } from './windtunnel.ts';
import { TRACE_SCHEMA } from './windtunnel-keys.ts';

const READERS: Readonly<Record<TraceFormat, new (options: LineReaderOptions) => TraceLineReader>> =
  {
    mooncake: MooncakeReader,
    azure: AzureReader,
    weka: WekaReader,
    lmcache: LmcacheReader,
    burstgpt: BurstGptReader,
    aiperf: AiperfReader,
    vllm_bench: VllmBenchReader,
    mooncake_delta: MooncakeDeltaReader,
    applied_compute_agentic: AppliedComputeReader,
    dynamo: DynamoReader,
    agentic_mooncake: AgenticMooncakeReader,
    windtunnel: WindtunnelReader,
  };

/** Keys of a first JSON line that only one format has together. */
const SIGNATURES: readonly (readonly [format: TraceFormat, keys: readonly string[]])[] = [
  ['weka', ['hash_id_scope', 'requests']],
  ['lmcache', ['input_chars']],
  ['aiperf', ['metadata', 'metrics']],
  ['applied_compute_agentic', ['num_turns', 'input_prompt_length']],
  ['vllm_bench', ['input_lens', 'output_lens']],
  ['agentic_mooncake', ['request_id', 'wait_for']],
];

/** The reader of a format. */
export function openLineReader(format: TraceFormat, options: LineReaderOptions): TraceLineReader {
  return new READERS[format](options);
}

/** The format that a trace's first line shows; an InputError says what was seen instead. */
export function detectFormat(firstLine: string, place: LinePlace): TraceFormat {
  if (isHeader(firstLine, AZURE_HEADER)) return 'azure';
  if (isHeader(firstLine, BURSTGPT_HEADER)) return 'burstgpt';
  if (firstLine.trimStart().startsWith('{')) return formatOfRecord(firstLine, place);
  if (isHeader(firstLine, TOTAL_RATE_HEADER)) {
    throw new InputError('trace_invalid', 'recorded rates, and no single request', {
      ...place,
      remedy: `fly a trace at them: --set workload.arrivals=poisson --set 'workload.rate_shape={type: recorded, file: ${place.file}}'`,
    });
  }
  throw new InputError('trace_invalid', 'the format of the trace is not recognised', {
    ...place,
    received: firstLine.slice(0, 60),
    allowed: 'JSON objects, one a line, or the header of Azure or BurstGPT',
    remedy: 'convert the file, or name its format with --trace-format',
  });
}

/** Whatever no signature fits is Mooncake, whose reader says what is wrong with it. */
function formatOfRecord(line: string, place: LinePlace): TraceFormat {
  const record = tryParse(line);
  if (record === undefined) return 'mooncake';
  refuseRelative(record, place);
  const event = isRecord(record.event) ? record.event : record;
  if (event.schema === DYNAMO_SCHEMA) return 'dynamo';
  if (record.schema === TRACE_SCHEMA) return 'windtunnel';
  if (isAgenticHeader(record)) return 'agentic_mooncake';
  const found = SIGNATURES.find(([, keys]) => keys.every((key) => Object.hasOwn(record, key)));
  return found?.[0] ?? 'mooncake';
}

/** Refuses what is no trace but comes from the same hand as one, by the name of what it is. */
function refuseRelative(record: JsonRecord, place: LinePlace): void {
  if (record.kind === 'windtunnel.journal') {
    throw new InputError('trace_invalid', 'this is a journal, not a trace', {
      ...place,
      remedy: `windtunnel journal to-trace ${place.file} makes a trace of it`,
    });
  }
  if (!Object.hasOwn(record, 'week1_min')) return;
  throw new InputError('trace_invalid', 'this is an analysis of BurstGPT: rates, not requests', {
    ...place,
    remedy: `give the CSV of the requests themselves, with the header ${BURSTGPT_HEADER}`,
  });
}

function tryParse(line: string): JsonRecord | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
