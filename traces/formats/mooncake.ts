import { InputError } from '#core/base/errors.ts';
import type { TraceBatch } from '../batch.ts';
import { ArrivalOrder } from './arrival-order.ts';
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
  STRICT_PRIORITY,
  TIMESTAMP_MS,
} from './fields.ts';
import { parseRecord } from './json-line.ts';
import {
  DEFAULT_TRACE_BLOCK_SIZE,
  type LineReaderOptions,
  type TraceLineReader,
} from './line-reader.ts';
import { readMedia } from './media-fields.ts';
import { MooncakeKeyCheck } from './mooncake-keys.ts';
import { RoutingFields } from './routing-fields.ts';

const ROW_SHAPE =
  'each line holds one request: {"timestamp", "input_length", "output_length", "hash_ids"}';
const INPUT_NAMES = ['input_length', 'input_tokens'] as const;
const OUTPUT_NAMES = ['output_length', 'output_tokens'] as const;
const TIMESTAMP_NAMES = ['timestamp', 'created_time'] as const;
const DELAY_NAMES = ['delay', 'delay_ms'] as const;
const PRIORITY_NAMES = ['priority'] as const;
const STRICT_PRIORITY_NAMES = ['strict_priority'] as const;

/**
 * Reads Mooncake's JSONL, one request a line, with the fields that Dynamo adds (README.md lists
 * them). Hash ids are prefix-cumulative: an id stands for its block and all that precede it.
 */
export class MooncakeReader implements TraceLineReader {
  readonly hasContent = true;
  readonly traceBlockSize: number;
  readonly #options: LineReaderOptions;
  readonly #keys = new MooncakeKeyCheck();
  readonly #routing = new RoutingFields();
  readonly #order: ArrivalOrder;

  constructor(options: LineReaderOptions) {
    this.#options = options;
    this.traceBlockSize = options.traceBlockSize ?? DEFAULT_TRACE_BLOCK_SIZE;
    this.#order = new ArrivalOrder(options.requireTimestamps);
  }

  get sessions(): number {
    return this.#order.sessions;
  }

  get notes(): readonly string[] {
    return this.#keys.notes;
  }

  readLine(text: string, line: number, batch: TraceBatch): void {
    const place: LinePlace = { file: this.#options.file, line };
    const record = parseRecord(text, place, ROW_SHAPE);
    this.#keys.check(record, place);
    const hashIds = readHashIds(record, place);
    const inputTokens = this.#readInputTokens(record, hashIds, place);
    const outputTokens = readNumber(record, OUTPUT_NAMES, OUTPUT_TOKENS, place);
    if (Number.isNaN(outputTokens)) {
      throw new InputError('trace_invalid', 'the row says no output length', {
        ...place,
        path: 'output_length',
        remedy: 'add output_length, the tokens that the request generates',
      });
    }
    const sessionId = readName(record, 'session_id', place);
    const timestampMs = readNumber(record, TIMESTAMP_NAMES, TIMESTAMP_MS, place);
    const delayMs = readNumber(record, DELAY_NAMES, DELAY_MS, place);
    const priority = readNumber(record, PRIORITY_NAMES, PRIORITY, place);
    const strictPriority = readNumber(record, STRICT_PRIORITY_NAMES, STRICT_PRIORITY, place);
    const requestId = readName(record, 'request_id', place);
    const tenantId = readName(record, 'tenant', place);
    const policyClass = readName(record, 'policy_class', place);
    const routing = this.#routing.read(record, place);
    const client = readClient(record, outputTokens, place);
    const media = readMedia(record, place);
    this.#order.check(sessionId, timestampMs, delayMs, place);

    const row = batch.append(line, inputTokens, outputTokens);
    batch.timestampMs[row] = timestampMs;
    batch.delayMs[row] = delayMs;
    batch.priority[row] = Number.isNaN(priority) ? 0 : priority;
    batch.strictPriority[row] = Number.isNaN(strictPriority) ? 0 : strictPriority;
    batch.sessionId[row] = sessionId;
    batch.requestId[row] = requestId;
    batch.tenantId[row] = tenantId;
    batch.policyClass[row] = policyClass;
    batch.routing[row] = routing;
    batch.client[row] = client;
    batch.media[row] = media;
    for (let index = 0; index < hashIds.length; index++) batch.appendHashId(hashIds[index]!);
  }

  #readInputTokens(record: JsonRecord, hashIds: readonly number[], place: LinePlace): number {
    const blockSize = this.traceBlockSize;
    const given = readNumber(record, INPUT_NAMES, PROMPT_TOKENS, place);
    if (Number.isNaN(given)) {
      const derived = { input_length: hashIds.length * blockSize };
      return readNumber(derived, INPUT_NAMES, PROMPT_TOKENS, place);
    }
    const expected = Math.ceil(given / blockSize);
    if (hashIds.length === expected) return given;
    const length = `input_length ${count(given)} at block ${count(blockSize)}`;
    throw new InputError(
      'trace_invalid',
      `hash_ids has ${count(hashIds.length)}, expected ${count(expected)} for ${length}`,
      { ...place, remedy: blockSizeRemedy(given, hashIds.length) },
    );
  }
}

/** A length of n tokens fits k ids when the block is in [n/k, n/(k−1)): says so when that helps. */
function blockSizeRemedy(inputTokens: number, hashIds: number): string {
  if (hashIds < 2 || hashIds > inputTokens) return 'one id stands for one block of the prompt';
  const fitting = 2 ** Math.ceil(Math.log2(inputTokens / hashIds));
  const fits = Math.ceil(inputTokens / fitting) === hashIds;
  const advice = 'one id stands for one block of the prompt; check --trace-block-size';
  return fits ? `${advice} (${fitting} would fit this row)` : advice;
}

function remedyWithoutIds(record: JsonRecord): string {
  if ('schema' in record || 'play_id' in record) {
    return 'this looks like the header of another format; leave --trace-format out, or name that format';
  }
  if ('settings' in record && 'load' in record) {
    return 'this looks like a recording of a server; windtunnel calibrate --check flies it beside what was measured';
  }
  return "give the ids of the prompt's blocks, or use a format without content (azure)";
}

function readHashIds(record: JsonRecord, place: LinePlace): readonly number[] {
  const { hash_ids: ids } = record;
  if (!Array.isArray(ids)) {
    const missing = ids === undefined || ids === null;
    throw new InputError('trace_invalid', missing ? 'the row has no hash_ids' : 'not an array', {
      ...place,
      path: 'hash_ids',
      ...(missing ? {} : { received: describeValue(ids) }),
      remedy: remedyWithoutIds(record),
    });
  }
  for (let index = 0; index < ids.length; index++) {
    const id: unknown = ids[index];
    // Only an unsigned 32-bit integer survives the shift unchanged. Other types are not shifted:
    // to make a number of a deeply nested array would overflow the stack.
    if (typeof id === 'number' && id >>> 0 === id) continue;
    throw new InputError('trace_invalid', 'not a block id', {
      ...place,
      path: `hash_ids[${index}]`,
      received: describeValue(id),
      allowed: 'an integer from 0 to 4,294,967,295',
      remedy: 'number the distinct blocks from 0 if the ids are hashes of more bits',
    });
  }
  return ids as readonly number[];
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
