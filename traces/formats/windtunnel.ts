import { InputError } from '#core/base/errors.ts';
import { nearestName } from '#core/base/nearest.ts';
import type { TraceBatch } from '../batch.ts';
import { StartRule } from '../predecessors.ts';
import { ArrivalOrder } from './arrival-order.ts';
import { resolveBlockSize } from './block-size.ts';
import { readClient } from './client-fields.ts';
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
  requireNumber,
  STRICT_PRIORITY,
  TIMESTAMP_MS,
} from './fields.ts';
import { isRecord, parseRecord, readArray } from './json-line.ts';
import type { LineReaderOptions, TraceLineReader } from './line-reader.ts';
import { readMedia } from './media-fields.ts';
import { RoutingFields } from './routing-fields.ts';
import { ROW_KEYS, TRACE_SCHEMA, TRACE_VERSION, TRIGGER_NAMES } from './windtunnel-keys.ts';

const HEADER_SHAPE = `the first line is a header: {"schema": "${TRACE_SCHEMA}", "version": ${TRACE_VERSION}, "block_size", "has_content", "resends_output"}`;
const ROW_SHAPE = 'each further line holds one request: {"input_length", "output_length", …}';

/**
 * Reads our own format: a header, and a request a line under Mooncake's keys, `group_id` and `after`.
 * Unknown keys are refused, since nobody else writes it.
 */
export class WindtunnelReader implements TraceLineReader {
  hasContent = false;
  resendsOutput = false;
  readonly #options: LineReaderOptions;
  readonly #order: ArrivalOrder;
  readonly #names = new Set<string>();
  readonly #routing = new RoutingFields();
  /** Sessions of requests that wait by name, whose order in time is not that of their turns. */
  readonly #graphSessions = new Set<string>();
  #blockSize = 0;

  constructor(options: LineReaderOptions) {
    this.#options = options;
    this.#order = new ArrivalOrder(options.requireTimestamps);
  }

  get sessions(): number {
    return this.#order.sessions + this.#graphSessions.size;
  }

  get traceBlockSize(): number {
    return this.#blockSize;
  }

  readLine(text: string, line: number, batch: TraceBatch): void {
    const place: LinePlace = { file: this.#options.file, line };
    if (this.#blockSize === 0) this.#readHeader(parseRecord(text, place, HEADER_SHAPE), place);
    else this.#readRow(parseRecord(text, place, ROW_SHAPE), batch, place);
  }

  #readHeader(record: JsonRecord, place: LinePlace): void {
    if (record.schema !== TRACE_SCHEMA) {
      throw new InputError('trace_invalid', 'not the header of a windtunnel trace', {
        ...place,
        path: 'schema',
        received: describeValue(record.schema) ?? 'nothing',
        allowed: TRACE_SCHEMA,
        remedy: HEADER_SHAPE,
      });
    }
    if (record.version !== TRACE_VERSION) {
      throw new InputError('trace_invalid', 'the version of the trace cannot be read', {
        ...place,
        path: 'version',
        received: describeValue(record.version) ?? 'nothing',
        allowed: String(TRACE_VERSION),
        remedy: 'a newer version needs a newer windtunnel',
      });
    }
    const stated = requireNumber(record, 'block_size', PROMPT_TOKENS, place);
    this.#blockSize = resolveBlockSize(stated, this.#options.traceBlockSize, 'block_size', place);
    this.hasContent = readFlag(record, 'has_content', place);
    this.resendsOutput = readFlag(record, 'resends_output', place);
  }

  #readRow(record: JsonRecord, batch: TraceBatch, place: LinePlace): void {
    checkKeys(record, place);
    const row = batch.append(
      place.line,
      requireNumber(record, 'input_length', PROMPT_TOKENS, place),
      requireNumber(record, 'output_length', OUTPUT_TOKENS, place),
    );
    batch.timestampMs[row] = readNumber(record, ['timestamp'], TIMESTAMP_MS, place);
    batch.delayMs[row] = readNumber(record, ['delay'], DELAY_MS, place);
    batch.priority[row] = readNumber(record, ['priority'], PRIORITY, place) || 0;
    batch.strictPriority[row] =
      readNumber(record, ['strict_priority'], STRICT_PRIORITY, place) || 0;
    batch.sessionId[row] = readName(record, 'session_id', place);
    batch.requestId[row] = readName(record, 'request_id', place);
    batch.tenantId[row] = readName(record, 'tenant', place);
    batch.policyClass[row] = readName(record, 'policy_class', place);
    batch.routing[row] = this.#routing.read(record, place);
    batch.client[row] = readClient(record, batch.outputTokens[row]!, place);
    batch.media[row] = readMedia(record, place);
    batch.groupId[row] = readName(record, 'group_id', place);
    this.#readStart(record, batch, row, place);
    this.#readPrompt(record, batch, row, place);
  }

  #readStart(record: JsonRecord, batch: TraceBatch, row: number, place: LinePlace): void {
    const session = batch.sessionId[row];
    const name = batch.requestId[row];
    if (record.after === undefined) {
      this.#order.check(session, batch.timestampMs[row]!, batch.delayMs[row]!, place);
    } else {
      batch.predecessors.rule[row] = StartRule.graph;
      const entries = readArray(record, 'after', place);
      for (const [index, entry] of entries.entries()) {
        this.#readPredecessor(entry, `after[${index}]`, batch, row, place);
      }
      if (entries.length === 0) {
        this.#order.check(undefined, batch.timestampMs[row]!, Number.NaN, place);
      }
      this.#graphSessions.add(session ?? batch.groupId[row] ?? '');
    }
    if (name === undefined) return;
    if (this.#names.has(name)) refuseName('the request is in the trace already', name, place);
    this.#names.add(name);
  }

  #readPredecessor(
    entry: unknown,
    path: string,
    batch: TraceBatch,
    row: number,
    place: LinePlace,
  ): void {
    const record = isRecord(entry) ? entry : {};
    const trigger = TRIGGER_NAMES.indexOf(String(record.on));
    const name = readName(record, 'request_id', place);
    if (name === undefined || trigger < 0) {
      throw new InputError('trace_invalid', 'not a request to wait for', {
        ...place,
        path,
        received: describeValue(entry),
        allowed: `{"request_id", "on": ${TRIGGER_NAMES.join(' or ')}, "delay"}`,
      });
    }
    if (!this.#names.has(name))
      refuseName('the request waits for one not in an earlier row', name, place);
    batch.predecessors.append(row, name, trigger, requireNumber(record, 'delay', DELAY_MS, place));
  }

  #readPrompt(record: JsonRecord, batch: TraceBatch, row: number, place: LinePlace): void {
    if (!this.hasContent && record.hash_ids === undefined) return;
    const ids = readArray(record, 'hash_ids', place);
    const expected = this.hasContent ? Math.ceil(batch.inputTokens[row]! / this.#blockSize) : 0;
    if (ids.length !== expected) {
      throw new InputError('trace_invalid', `hash_ids has ${ids.length}, expected ${expected}`, {
        ...place,
        path: 'hash_ids',
        remedy: this.hasContent
          ? `one id stands for one block of the ${batch.inputTokens[row]} tokens in input_length`
          : 'the header says that the trace has no content',
      });
    }
    for (let index = 0; index < ids.length; index++) {
      const id: unknown = ids[index];
      if (typeof id !== 'number' || id >>> 0 !== id) {
        throw new InputError('trace_invalid', 'not a block id', {
          ...place,
          path: `hash_ids[${index}]`,
          received: describeValue(id),
          allowed: 'an integer from 0 to 4,294,967,295',
        });
      }
      batch.appendHashId(id);
    }
  }
}

function checkKeys(record: JsonRecord, place: LinePlace): void {
  const unknown = Object.keys(record).find((key) => !ROW_KEYS.includes(key));
  if (unknown === undefined) return;
  const nearest = nearestName(unknown, ROW_KEYS);
  throw new InputError('trace_invalid', `unknown key ${JSON.stringify(unknown)}`, {
    ...place,
    ...(nearest !== undefined && { nearest }),
    allowed: ROW_KEYS.join(', '),
  });
}

function readFlag(record: JsonRecord, path: string, place: LinePlace): boolean {
  const value = record[path];
  if (typeof value === 'boolean') return value;
  throw new InputError('trace_invalid', 'not a yes or no', {
    ...place,
    path,
    received: describeValue(value) ?? 'nothing',
    allowed: 'true, false',
  });
}

function refuseName(problem: string, name: string, place: LinePlace): never {
  throw new InputError('trace_invalid', problem, { ...place, path: 'request_id', received: name });
}
