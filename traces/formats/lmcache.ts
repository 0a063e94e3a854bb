import { InputError } from '#core/base/errors.ts';
import type { TraceBatch } from '../batch.ts';
import { ArrivalOrder } from './arrival-order.ts';
import { DenseIds } from './dense-ids.ts';
import {
  describeValue,
  type LinePlace,
  OUTPUT_TOKENS,
  readName,
  requireNumber,
  SECONDS,
} from './fields.ts';
import { parseRecord, readArray } from './json-line.ts';
import type { LineReaderOptions, TraceLineReader } from './line-reader.ts';

/** Characters that one hash id stands for. */
export const LMCACHE_BLOCK_CHARACTERS = 256;
const DEFAULT_CHARACTERS_PER_TOKEN = 4;

const SHAPE =
  'each line holds one call: {"timestamp", "session_id", "input_chars", "output_chars", "hash_ids"}';

/**
 * Reads the derived form of LMCache's agent traces, whose lengths and blocks count characters. One
 * ratio turns all of them into tokens: a block of 256 characters is a trace block, so that
 * `traceBlockSize` states the ratio (64 tokens: 4 characters a token, the default).
 */
export class LmcacheReader implements TraceLineReader {
  readonly hasContent = true;
  readonly traceBlockSize: number;
  readonly #file: string;
  readonly #order: ArrivalOrder;
  readonly #ids = new DenseIds();
  #emptyPrompts = 0;

  constructor(options: LineReaderOptions) {
    this.#file = options.file;
    this.#order = new ArrivalOrder(options.requireTimestamps);
    this.traceBlockSize =
      options.traceBlockSize ?? LMCACHE_BLOCK_CHARACTERS / DEFAULT_CHARACTERS_PER_TOKEN;
    if (this.traceBlockSize > LMCACHE_BLOCK_CHARACTERS)
      refuseBlock(this.traceBlockSize, this.#file);
  }

  get sessions(): number {
    return this.#order.sessions;
  }

  get notes(): readonly string[] {
    const ratio = LMCACHE_BLOCK_CHARACTERS / this.traceBlockSize;
    const notes = [`lengths are characters in the file: ${ratio} of them count as a token`];
    if (this.#emptyPrompts > 0)
      notes.push(`${this.#emptyPrompts} empty prompts count as one token`);
    return notes;
  }

  readLine(text: string, line: number, batch: TraceBatch): void {
    const place: LinePlace = { file: this.#file, line };
    const record = parseRecord(text, place, SHAPE);
    const timestampMs = requireNumber(record, 'timestamp', SECONDS, place) * 1_000;
    const sessionId = readName(record, 'session_id', place);
    const inputCharacters = requireNumber(record, 'input_chars', OUTPUT_TOKENS, place);
    const outputCharacters = requireNumber(record, 'output_chars', OUTPUT_TOKENS, place);
    this.#order.check(sessionId, timestampMs, Number.NaN, place);
    if (inputCharacters === 0) this.#emptyPrompts++;
    const inputTokens = Math.max(1, this.#tokens(inputCharacters));
    const row = batch.append(line, inputTokens, this.#tokens(outputCharacters));
    batch.timestampMs[row] = timestampMs;
    batch.sessionId[row] = sessionId;
    const ids = readArray(record, 'hash_ids', place);
    const full = Math.floor(inputCharacters / LMCACHE_BLOCK_CHARACTERS);
    if (ids.length !== full) refuseCount(ids.length, full, inputCharacters, place);
    for (let index = 0; index < ids.length; index++) {
      batch.appendHashId(this.#ids.of(0, readId(ids[index], index, place), place));
    }
    // The file names full blocks only; the rest of a prompt is content that nothing else repeats.
    if (full * this.traceBlockSize < inputTokens) batch.appendHashId(this.#ids.fresh(place));
  }

  #tokens(characters: number): number {
    return Math.ceil((characters * this.traceBlockSize) / LMCACHE_BLOCK_CHARACTERS);
  }
}

function readId(id: unknown, index: number, place: LinePlace): number {
  if (typeof id === 'number' && id >>> 0 === id) return id;
  throw new InputError('trace_invalid', 'not a block id', {
    ...place,
    path: `hash_ids[${index}]`,
    received: describeValue(id),
    allowed: 'an integer from 0 to 4,294,967,295',
  });
}

function refuseCount(received: number, full: number, characters: number, place: LinePlace): never {
  throw new InputError('trace_invalid', `hash_ids has ${received}, expected ${full}`, {
    ...place,
    path: 'hash_ids',
    remedy: `one id stands for 256 of the ${characters} characters in input_chars, the rest has none`,
  });
}

function refuseBlock(tokens: number, file: string): never {
  throw new InputError('trace_invalid', 'a token would be less than a character', {
    file,
    received: `a trace block size of ${tokens} tokens for a block of 256 characters`,
    allowed: 'an integer from 1 to 256',
    remedy: 'set workload.trace_block_size (--trace-block-size) to 64 for 4 characters per token',
  });
}
