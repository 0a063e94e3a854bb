import { InputError } from '#core/base/errors.ts';
import type { TraceBatch } from '../batch.ts';
import { ArrivalOrder } from './arrival-order.ts';
import {
  type JsonRecord,
  type LinePlace,
  type NumberRange,
  OUTPUT_TOKENS,
  PROMPT_TOKENS,
  readName,
  requireNumber,
} from './fields.ts';
import { parseRecord, readObject } from './json-line.ts';
import {
  DEFAULT_TRACE_BLOCK_SIZE,
  type LineReaderOptions,
  type TraceLineReader,
} from './line-reader.ts';

const SHAPE = 'each line holds one request: {"metadata": {…}, "metrics": {…}, "error": …}';
/** Nanoseconds since 1970: numbers of JSON hold them to 256 ns, so that differences are taken to 1 µs. */
const EPOCH_NS: NumberRange = {
  integer: true,
  min: 0,
  max: Number.MAX_VALUE,
  allowed: 'nanoseconds since 1970',
};

interface Sample {
  readonly line: number;
  readonly startNs: number;
  readonly endNs: number;
  readonly session: string | undefined;
  readonly turn: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/**
 * Reads AIPerf's records of requests (profile_export.jsonl), which stand in the order in which they
 * ended: rows appear, by their start, once the last line is read. Requests that failed or belong to
 * the warm-up are dropped and counted.
 */
export class AiperfReader implements TraceLineReader {
  readonly hasContent = false;
  readonly traceBlockSize: number;
  readonly #file: string;
  readonly #order: ArrivalOrder;
  readonly #samples: Sample[] = [];
  #failed = 0;
  #warmUp = 0;

  constructor(options: LineReaderOptions) {
    this.#file = options.file;
    this.#order = new ArrivalOrder(options.requireTimestamps);
    this.traceBlockSize = options.traceBlockSize ?? DEFAULT_TRACE_BLOCK_SIZE;
  }

  get sessions(): number {
    return this.#order.sessions;
  }

  get notes(): readonly string[] {
    const notes: string[] = [];
    if (this.#failed > 0) notes.push(`${this.#failed} failed requests dropped`);
    if (this.#warmUp > 0)
      notes.push(`${this.#warmUp} requests outside the profiling phase dropped`);
    return notes;
  }

  readLine(text: string, line: number): void {
    const place: LinePlace = { file: this.#file, line };
    const record = parseRecord(text, place, SHAPE);
    const metadata = readObject(record, 'metadata', place);
    if ((metadata.benchmark_phase ?? 'profiling') !== 'profiling') this.#warmUp++;
    else if (record.error !== undefined && record.error !== null) this.#failed++;
    else this.#samples.push(readSample(metadata, readObject(record, 'metrics', place), place));
  }

  finish(batch: TraceBatch): void {
    this.#samples.sort((a, b) => a.startNs - b.startNs || a.line - b.line);
    const firstNs = this.#samples[0]?.startNs ?? 0;
    const turns = countTurns(this.#samples);
    const previous = new Map<string, Sample>();
    for (const sample of this.#samples) {
      const place: LinePlace = { file: this.#file, line: sample.line };
      // A session of one request is no session: nothing follows it.
      const named = sample.session !== undefined && turns.get(sample.session)! > 1;
      const session = named ? sample.session : undefined;
      const before = session === undefined ? undefined : previous.get(session);
      const timestampMs = roundedMs(sample.startNs - firstNs);
      const delayMs = before === undefined ? Number.NaN : thinkTimeMs(before, sample, place);
      this.#order.check(session, timestampMs, delayMs, place);
      const row = batch.append(sample.line, sample.inputTokens, sample.outputTokens);
      batch.timestampMs[row] = timestampMs;
      batch.delayMs[row] = delayMs;
      batch.sessionId[row] = session;
      if (session !== undefined) previous.set(session, sample);
    }
  }
}

function readSample(metadata: JsonRecord, metrics: JsonRecord, place: LinePlace): Sample {
  return {
    line: place.line,
    startNs: requireNumber(metadata, 'request_start_ns', EPOCH_NS, place),
    endNs: requireNumber(metadata, 'request_end_ns', EPOCH_NS, place),
    session: readName(metadata, 'x_correlation_id', place),
    turn: requireNumber({ turn_index: 0, ...metadata }, 'turn_index', OUTPUT_TOKENS, place),
    inputTokens: readMetric(metrics, 'input_sequence_length', PROMPT_TOKENS, place),
    outputTokens: readMetric(metrics, 'output_sequence_length', OUTPUT_TOKENS, place),
  };
}

function readMetric(
  metrics: JsonRecord,
  name: string,
  range: NumberRange,
  place: LinePlace,
): number {
  const { value } = readObject(metrics, name, place);
  return requireNumber({ [name]: value }, name, range, place);
}

function countTurns(samples: readonly Sample[]): ReadonlyMap<string, number> {
  const turns = new Map<string, number>();
  for (const { session } of samples) {
    if (session !== undefined) turns.set(session, (turns.get(session) ?? 0) + 1);
  }
  return turns;
}

function roundedMs(ns: number): number {
  return Math.round(ns / 1_000) / 1_000;
}

/** From the end of one turn to the start of the next. */
function thinkTimeMs(before: Sample, sample: Sample, place: LinePlace): number {
  const thinkNs = sample.startNs - before.endNs;
  if (thinkNs >= 0 && sample.turn > before.turn) return roundedMs(thinkNs);
  throw new InputError('trace_unordered', 'the turn starts before the one before it has ended', {
    ...place,
    path: 'metadata.request_start_ns',
    received: `turn ${sample.turn} after turn ${before.turn} in line ${before.line}`,
    remedy: 'turns of a session that overlap cannot be flown; remove them',
  });
}
