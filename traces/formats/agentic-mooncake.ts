import { InputError } from '#core/base/errors.ts';
import { TraceBatch } from '../batch.ts';
import { StartRule, Trigger } from '../predecessors.ts';
import { type AgenticHeader, isAgenticHeader, readAgenticHeader } from './agentic-header.ts';
import {
  DELAY_MS,
  describeValue,
  type JsonRecord,
  type LinePlace,
  OUTPUT_TOKENS,
  PRIORITY,
  PROMPT_TOKENS,
  readName,
  readNumber,
  STRICT_PRIORITY,
  TIMESTAMP_MS,
} from './fields.ts';
import { isRecord, parseExactRecord, readArray } from './json-line.ts';
import {
  DEFAULT_TRACE_BLOCK_SIZE,
  type LineReaderOptions,
  type TraceLineReader,
} from './line-reader.ts';
import { requestOrder } from './request-order.ts';
import { WideIds } from './wide-ids.ts';

const SHAPE = 'each line holds one request: {"request_id", "hash_ids", "output_length", …}';
const TRIGGERS: ReadonlyMap<unknown, number> = new Map([
  ['completion', Trigger.end],
  ['dispatch', Trigger.start],
]);

/**
 * Reads agentic_mooncake: requests that wait for others by name, so that agents can start further ones
 * and join them. Version 2 begins with a header; rows without one are version 1. Rows appear once the
 * last line is read, each behind what it waits for.
 */
export class AgenticMooncakeReader implements TraceLineReader {
  readonly hasContent = true;
  readonly #options: LineReaderOptions;
  readonly #rows = new TraceBatch();
  readonly #ids = new WideIds();
  readonly #names = new Map<string, number>();
  readonly #sessions = new Set<string>();
  readonly #models = new Set<string>();
  #blockSize: number;
  #header: AgenticHeader | undefined;
  #begun = false;

  constructor(options: LineReaderOptions) {
    this.#options = options;
    this.#blockSize = options.traceBlockSize ?? DEFAULT_TRACE_BLOCK_SIZE;
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  get traceBlockSize(): number {
    return this.#blockSize;
  }

  get notes(): readonly string[] {
    const models = this.#models.size;
    return models > 1 ? [`${models} models are named: all requests go to one`] : [];
  }

  readLine(text: string, line: number): void {
    const place: LinePlace = { file: this.#options.file, line };
    const record = parseExactRecord(text, place, SHAPE);
    const first = !this.#begun;
    this.#begun = true;
    if (first && isAgenticHeader(record)) {
      this.#header = readAgenticHeader(record, this.#options.traceBlockSize, place);
      this.#blockSize = this.#header.blockSize;
      return;
    }
    this.#readRow(record, place);
  }

  finish(batch: TraceBatch): void {
    for (const row of requestOrder(this.#rows, this.#options.file)) {
      batch.appendRow(this.#rows, row);
    }
  }

  #readRow(record: JsonRecord, place: LinePlace): void {
    const rows = this.#rows;
    const ids = readArray(record, 'hash_ids', place);
    const given = readNumber(record, ['input_length', 'input_tokens'], PROMPT_TOKENS, place);
    const inputTokens = Number.isNaN(given) ? ids.length * this.#blockSize : given;
    const outputTokens = readNumber(
      record,
      ['output_length', 'output_tokens'],
      OUTPUT_TOKENS,
      place,
    );
    if (Number.isNaN(outputTokens)) refuseMissing('output_length', place);
    const row = rows.append(place.line, inputTokens, outputTokens);
    rows.requestId[row] = this.#uniqueName(record, place);
    rows.priority[row] = readHint(record, 'priority', PRIORITY, place);
    rows.strictPriority[row] = readHint(record, 'strict_priority', STRICT_PRIORITY, place);
    rows.policyClass[row] = readName(record, 'policy_class', place);
    rows.predecessors.rule[row] = StartRule.graph;
    if (this.#header === undefined) this.#readFirstVersion(record, row, place);
    else this.#readSecondVersion(record, row, place);
    // Whoever waits by name is loaded at once, as sessions are, whether it names one or not.
    this.#sessions.add(rows.sessionId[row] ?? '');
    this.#ids.appendTo(rows, ids, Math.ceil(inputTokens / this.#blockSize), {
      place,
      path: 'hash_ids',
      tokens: `${inputTokens} tokens in input_length`,
    });
  }

  #uniqueName(record: JsonRecord, place: LinePlace): string {
    const name = readName(record, 'request_id', place);
    if (name === undefined) refuseMissing('request_id', place);
    const known = this.#names.get(name);
    if (known === undefined) {
      this.#names.set(name, place.line);
      return name;
    }
    throw new InputError('trace_invalid', `the request is in line ${known} already`, {
      ...place,
      path: 'request_id',
      received: name,
      remedy: 'give each request a name of its own',
    });
  }

  #readSecondVersion(record: JsonRecord, row: number, place: LinePlace): void {
    const rows = this.#rows;
    for (const name of ['play_id', 'session_id', 'model']) {
      if (readName(record, name, place) === undefined) refuseMissing(name, place);
    }
    rows.groupId[row] = readName(record, 'play_id', place);
    rows.sessionId[row] = readName(record, 'session_id', place);
    this.#models.add(readName(record, 'model', place)!);
    const notBeforeMs = readNumber(record, ['not_before_ms'], TIMESTAMP_MS, place);
    if (Number.isNaN(notBeforeMs)) refuseMissing('not_before_ms', place);
    rows.timestampMs[row] = notBeforeMs;
    if (record.dependencies === undefined || record.dependencies === null) return;
    for (const [index, entry] of readArray(record, 'dependencies', place).entries()) {
      this.#readDependency(entry, `dependencies[${index}]`, row, place);
    }
  }

  #readDependency(entry: unknown, path: string, row: number, place: LinePlace): void {
    if (!isRecord(entry)) {
      throw new InputError('trace_invalid', 'not an object', {
        ...place,
        path,
        received: describeValue(entry),
      });
    }
    const trigger = TRIGGERS.get(entry.trigger);
    if (trigger === undefined) {
      throw new InputError('trace_invalid', 'not a moment of another request', {
        ...place,
        path: `${path}.trigger`,
        received: describeValue(entry.trigger) ?? 'nothing',
        allowed: [...TRIGGERS.keys()].join(', '),
      });
    }
    const name = readName(entry, 'request_id', place);
    if (name === undefined) refuseMissing(`${path}.request_id`, place);
    const delayMs = readNumber(entry, ['delay_ms'], DELAY_MS, place);
    this.#rows.predecessors.append(row, name, trigger, Number.isNaN(delayMs) ? 0 : delayMs);
  }

  /** Version 1: all of `wait_for` must have ended; the delay and the tool's time follow. */
  #readFirstVersion(record: JsonRecord, row: number, place: LinePlace): void {
    const rows = this.#rows;
    rows.sessionId[row] = readName(record, 'session_id', place);
    const timestampMs = readNumber(record, ['timestamp', 'created_time'], TIMESTAMP_MS, place);
    const delayMs = readHint(record, 'delay', DELAY_MS, place, 'delay_ms');
    const toolMs = readHint(record, 'tool_wait_ms', DELAY_MS, place);
    const names =
      record.wait_for === undefined || record.wait_for === null
        ? []
        : readArray(record, 'wait_for', place);
    for (const [index, name] of names.entries()) {
      const before = readName({ [`wait_for[${index}]`]: name }, `wait_for[${index}]`, place);
      if (before === undefined) refuseMissing(`wait_for[${index}]`, place);
      rows.predecessors.append(row, before, Trigger.end, delayMs + toolMs);
    }
    if (names.length === 0) rows.timestampMs[row] = Number.isNaN(timestampMs) ? 0 : timestampMs;
  }
}

/** A number that may be left out: 0 then. */
function readHint(
  record: JsonRecord,
  name: string,
  range: typeof PRIORITY,
  place: LinePlace,
  alias?: string,
): number {
  const names = alias === undefined ? [name] : [name, alias];
  const value = readNumber(record, names, range, place);
  return Number.isNaN(value) ? 0 : value;
}

function refuseMissing(path: string, place: LinePlace): never {
  throw new InputError('trace_invalid', 'the value is missing', { ...place, path });
}
