import { InputError } from '#core/base/errors.ts';
import { TraceBatch } from '../batch.ts';
import { ArrivalOrder } from './arrival-order.ts';
import { resolveBlockSize } from './block-size.ts';
import { checkContext, type DynamoContext, readTimes } from './dynamo-records.ts';
import {
  describeValue,
  type JsonRecord,
  type LinePlace,
  OUTPUT_TOKENS,
  PROMPT_TOKENS,
  readName,
  requireNumber,
} from './fields.ts';
import { isRecord, parseExactRecord, readArray, readObject } from './json-line.ts';
import type { LineReaderOptions, TraceLineReader } from './line-reader.ts';
import { WideIds } from './wide-ids.ts';

export const DYNAMO_SCHEMA = 'dynamo.request.trace.v1';
const SHAPE = `each line holds one record: {"schema": "${DYNAMO_SCHEMA}", "event_type", "request": …}`;
const OTHER_EVENTS: ReadonlySet<unknown> = new Set([
  'request_payload',
  'tool_start',
  'tool_end',
  'tool_error',
]);

/**
 * Reads Dynamo's request trace v1. Records stand in the order of their ends: rows appear, by their
 * start, once the last line is read. Requests of one agent session are turns, the think time from the
 * end of one to the start of the next; sessions that start others are refused.
 */
export class DynamoReader implements TraceLineReader {
  readonly hasContent = true;
  readonly #options: LineReaderOptions;
  readonly #rows = new TraceBatch();
  readonly #startMs: number[] = [];
  readonly #endMs: number[] = [];
  /** The shard that each row came from. */
  readonly #files: string[] = [];
  readonly #ids = new WideIds();
  readonly #requests = new Map<string, number>();
  readonly #order: ArrivalOrder;
  #context: DynamoContext = 'unknown';
  #blockSize = 0;

  constructor(options: LineReaderOptions) {
    this.#options = options;
    this.#order = new ArrivalOrder(options.requireTimestamps);
  }

  get sessions(): number {
    return this.#order.sessions;
  }

  get traceBlockSize(): number {
    return this.#blockSize;
  }

  readLine(text: string, line: number): void {
    const place: LinePlace = { file: this.#options.file, line };
    const record = unwrap(parseExactRecord(text, place, SHAPE));
    checkSchema(record, place);
    if (OTHER_EVENTS.has(record.event_type)) return;
    if (record.event_type !== 'request_end') refuseEvent(record.event_type, place);
    const request = readObject(record, 'request', place);
    const replay = readObject(request, 'replay', place);
    const stated = requireNumber(replay, 'trace_block_size', PROMPT_TOKENS, place);
    const chosen = this.#blockSize > 0 ? this.#blockSize : this.#options.traceBlockSize;
    this.#blockSize = resolveBlockSize(stated, chosen, 'trace_block_size', place);
    const { context, sessionId } = checkContext(record, this.#context, place);
    this.#context = context;
    const { startMs, endMs } = readTimes(record, request, place);
    const row = this.#rows.append(
      line,
      requireNumber(replay, 'input_length', PROMPT_TOKENS, place),
      requireNumber(request, 'output_tokens', OUTPUT_TOKENS, place),
    );
    this.#startMs.push(startMs);
    this.#endMs.push(endMs);
    this.#files.push(place.file);
    this.#rows.sessionId[row] = sessionId;
    this.#rows.requestId[row] = this.#uniqueName(request, place);
    this.#readPrompt(replay, this.#rows.inputTokens[row]!, place);
  }

  finish(batch: TraceBatch): void {
    const rows = this.#rows;
    const start = this.#startMs;
    const order = [...start.keys()].sort((a, b) => start[a]! - start[b]! || a - b);
    const previous = new Map<string, number>();
    for (const row of order) {
      const place: LinePlace = { file: this.#files[row]!, line: rows.line[row]! };
      const session = rows.sessionId[row];
      const before = session === undefined ? undefined : previous.get(session);
      rows.timestampMs[row] = start[row]! - start[order[0]!]!;
      if (before !== undefined) rows.delayMs[row] = this.#thinkTimeMs(before, row, place);
      this.#order.check(session, rows.timestampMs[row]!, rows.delayMs[row]!, place);
      if (session !== undefined) previous.set(session, row);
      batch.appendRow(rows, row);
    }
  }

  #thinkTimeMs(before: number, row: number, place: LinePlace): number {
    const thinkMs = this.#startMs[row]! - this.#endMs[before]!;
    if (thinkMs >= 0) return thinkMs;
    throw new InputError('trace_invalid', 'requests of a session overlap, which is not modelled', {
      ...place,
      received: `a start ${-thinkMs} ms before the end of line ${this.#rows.line[before]!}`,
      remedy: 'a session sends one request after the other; give parallel ones their own session',
    });
  }

  #uniqueName(request: JsonRecord, place: LinePlace): string | undefined {
    const name = readName(request, 'request_id', place);
    if (name === undefined) return undefined;
    const known = this.#requests.get(name);
    if (known === undefined) {
      this.#requests.set(name, place.line);
      return name;
    }
    throw new InputError('trace_invalid', `the request is in line ${known} already`, {
      ...place,
      path: 'request_id',
      received: name,
      remedy: 'are two shards the same?',
    });
  }

  #readPrompt(replay: JsonRecord, inputTokens: number, place: LinePlace): void {
    const hashes = readArray(replay, 'input_sequence_hashes', place);
    this.#ids.appendTo(this.#rows, hashes, Math.ceil(inputTokens / this.#blockSize), {
      place,
      path: 'input_sequence_hashes',
      tokens: `${inputTokens} tokens in input_length`,
    });
  }
}

/** File sinks wrap each record in {"timestamp", "event"}. */
function unwrap(record: JsonRecord): JsonRecord {
  return isRecord(record.event) ? record.event : record;
}

function checkSchema(record: JsonRecord, place: LinePlace): void {
  if (record.schema === DYNAMO_SCHEMA) return;
  throw new InputError('trace_invalid', 'not a record of a known schema', {
    ...place,
    path: 'schema',
    received: describeValue(record.schema) ?? 'nothing',
    allowed: DYNAMO_SCHEMA,
  });
}

function refuseEvent(event: unknown, place: LinePlace): never {
  throw new InputError('trace_invalid', 'not a known event', {
    ...place,
    path: 'event_type',
    received: describeValue(event) ?? 'nothing',
    allowed: `request_end, ${[...OTHER_EVENTS].join(', ')}`,
  });
}
