import { InputError } from '#core/base/errors.ts';
import type { TraceBatch } from '../batch.ts';
import { resolveBlockSize } from './block-size.ts';
import { DenseIds } from './dense-ids.ts';
import {
  describeValue,
  type JsonRecord,
  type LinePlace,
  OUTPUT_TOKENS,
  PROMPT_TOKENS,
  readName,
  readNumber,
  requireNumber,
  SECONDS,
} from './fields.ts';
import { isRecord, parseRecord, readArray } from './json-line.ts';
import type { LineReaderOptions, TraceLineReader } from './line-reader.ts';
import { SessionDigest } from './session-digest.ts';
import { refuseUntimed } from './untimed.ts';

const SHAPE =
  'each line holds one session: {"id", "block_size", "requests": [{"t", "in", "out", "hash_ids"}]}';

/** Times count from each session's own start. */
const UNTIMED = 'the sessions of a weka trace have no times of arrival';

/** What a session's rows are built with. */
interface SessionScope {
  readonly name: string;
  /** Separates the block ids of this session from those of all others. */
  readonly number: number;
  readonly place: LinePlace;
}

/**
 * Reads sessions of Claude Code as kv-cache-tester publishes them, a session a line. Block ids hold
 * within their session only; a session that says the same as an earlier one is dropped; a sub-agent
 * becomes a session of its own. README.md gives the reasons.
 */
export class WekaReader implements TraceLineReader {
  readonly hasContent = true;
  readonly #options: LineReaderOptions;
  readonly #ids = new DenseIds();
  readonly #digests = new Map<string, number>();
  #blockSize = 0;
  #sessions = 0;
  #duplicates = 0;
  #nested = 0;
  #unstatedThinkTimes = 0;

  constructor(options: LineReaderOptions) {
    this.#options = options;
  }

  get sessions(): number {
    return this.#sessions;
  }

  get traceBlockSize(): number {
    return this.#blockSize;
  }

  get notes(): readonly string[] {
    const counted: readonly (readonly [number, string])[] = [
      [this.#duplicates, 'sessions dropped: exact repeats of earlier ones'],
      [this.#nested, 'sub-agents read as sessions of their own'],
      [this.#unstatedThinkTimes, 'think times not stated: the time between the two starts is used'],
    ];
    return counted.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  }

  readLine(text: string, line: number, batch: TraceBatch): void {
    const place: LinePlace = { file: this.#options.file, line };
    const session = parseRecord(text, place, SHAPE);
    const name = readName(session, 'id', place);
    if (name === undefined) {
      throw new InputError('trace_invalid', 'the session has no id', { ...place, path: 'id' });
    }
    this.#checkScope(session, place);
    const before = batch.count;
    const counts = [this.#sessions, this.#nested, this.#unstatedThinkTimes] as const;
    const digest = new SessionDigest();
    this.#readSession(session, { name, number: line, place }, digest, batch);
    if (!this.#digests.has(digest.key)) {
      this.#digests.set(digest.key, line);
      return;
    }
    batch.truncate(before);
    [this.#sessions, this.#nested, this.#unstatedThinkTimes] = counts;
    this.#duplicates++;
  }

  #checkScope(session: JsonRecord, place: LinePlace): void {
    const stated = requireNumber(session, 'block_size', PROMPT_TOKENS, place);
    const { traceBlockSize: chosen, requireTimestamps } = this.#options;
    if (requireTimestamps) refuseUntimed(UNTIMED, place, { stated, chosen });
    this.#blockSize = resolveBlockSize(stated, chosen, 'block_size', place);
    if (session.hash_id_scope === 'local') return;
    throw new InputError('trace_invalid', 'the scope of the hash ids is not known', {
      ...place,
      path: 'hash_id_scope',
      received: describeValue(session.hash_id_scope) ?? 'nothing',
      allowed: '"local": ids hold within the session',
    });
  }

  #readSession(
    session: JsonRecord,
    scope: SessionScope,
    digest: SessionDigest,
    batch: TraceBatch,
  ): void {
    const children: JsonRecord[] = [];
    const turns: JsonRecord[] = [];
    for (const [index, request] of readArray(session, 'requests', scope.place).entries()) {
      if (!isRecord(request)) refuseElement(request, `requests[${index}]`, scope.place);
      ('requests' in request ? children : turns).push(request);
    }
    this.#readTurns(turns, scope, digest, batch);
    for (const [index, child] of children.entries()) {
      const own = readName(child, 'agent_id', scope.place) ?? `agent_${index + 1}`;
      digest.add(-1);
      this.#nested++;
      this.#readSession(child, { ...scope, name: `${scope.name}/${own}` }, digest, batch);
    }
  }

  #readTurns(
    turns: readonly JsonRecord[],
    { name, number, place }: SessionScope,
    digest: SessionDigest,
    batch: TraceBatch,
  ): void {
    let previousS = Number.NaN;
    for (const turn of turns) {
      const startS = requireNumber(turn, 't', SECONDS, place);
      const inputTokens = requireNumber(turn, 'in', PROMPT_TOKENS, place);
      const outputTokens = requireNumber(turn, 'out', OUTPUT_TOKENS, place);
      const row = batch.append(place.line, inputTokens, outputTokens);
      batch.sessionId[row] = name;
      if (Number.isNaN(previousS)) this.#sessions++;
      else batch.delayMs[row] = this.#delayMs(turn, startS - previousS, place);
      previousS = startS;
      digest.add(startS);
      digest.add(inputTokens);
      digest.add(outputTokens);
      digest.add(batch.delayMs[row]!);
      this.#readPrompt(turn, inputTokens, number, digest, batch, place);
    }
  }

  #delayMs(turn: JsonRecord, apartS: number, place: LinePlace): number {
    const thinkS = readNumber(turn, ['think_time'], SECONDS, place);
    if (!Number.isNaN(thinkS)) return thinkS * 1_000;
    if (apartS >= 0) {
      this.#unstatedThinkTimes++;
      return apartS * 1_000;
    }
    throw new InputError('trace_unordered', 'time goes back within the session', {
      ...place,
      path: 't',
      received: turn.t,
      remedy: 'sort the requests of a session by t',
    });
  }

  /** The file names full blocks only; the rest of a prompt is content that nothing else repeats. */
  #readPrompt(
    turn: JsonRecord,
    inputTokens: number,
    session: number,
    digest: SessionDigest,
    batch: TraceBatch,
    place: LinePlace,
  ): void {
    const ids = readArray(turn, 'hash_ids', place);
    const full = Math.floor(inputTokens / this.#blockSize);
    if (ids.length !== full) {
      throw new InputError('trace_invalid', `hash_ids has ${ids.length}, expected ${full}`, {
        ...place,
        path: 'hash_ids',
        remedy: `one id stands for one full block of the ${inputTokens} tokens in "in"`,
      });
    }
    for (let index = 0; index < ids.length; index++) {
      const id: unknown = ids[index];
      if (typeof id !== 'number' || id >>> 0 !== id) {
        refuseElement(id, `hash_ids[${index}]`, place);
      }
      digest.add(id);
      batch.appendHashId(this.#ids.of(session, id, place));
    }
    if (full * this.#blockSize < inputTokens) batch.appendHashId(this.#ids.fresh(place));
  }
}

function refuseElement(value: unknown, path: string, place: LinePlace): never {
  const element = path.startsWith('hash_ids') ? 'a block id' : 'a request';
  throw new InputError('trace_invalid', `not ${element}`, {
    ...place,
    path,
    received: describeValue(value),
    allowed: element === 'a block id' ? 'an integer from 0 to 4,294,967,295' : 'an object',
  });
}
