import { JsonObject } from '#live/bytes/json-object.ts';
import { JsonFault } from '#live/bytes/json-scan.ts';
import { type ByteEdit, editObject, replaceParts } from '#live/bytes/splice.ts';
import type { ClientRequest } from './client-request.ts';
import type { StreamRewriter } from './relay.ts';

/** What vLLM takes for `max_tokens` of a completion that names none. */
const DEFAULT_MAX_TOKENS = 16;

const EVENT_END = Buffer.from('\n\n');
const DATA = Buffer.from('data: ');

/** Fields under which a request has more answers than one, or more in them than what was generated. */
const NOT_MOVABLE = ['echo', 'logprobs', 'prompt_logprobs', 'suffix', 'use_beam_search', 'best_of'];

/**
 * The token ids of a streamed completion, kept so that another engine can go on from them when the
 * one that generates it fails. The engine is asked to tell them; in the answer they are put back to
 * the null that stands there unasked. Only whole events are passed on, so that what the client has is
 * what the ids say.
 */
export class MigrationTrail implements StreamRewriter {
  readonly #request: ClientRequest;
  readonly #clientWantsIds: boolean;
  #promptIds: readonly number[] | undefined;
  readonly #generated: number[] = [];
  /** Generated tokens that stand in the prompt of the engine that is asked now. */
  #before = 0;
  #rest: Buffer = Buffer.alloc(0);
  #isFinished = false;
  #hasStopped = false;

  constructor(request: ClientRequest) {
    this.#request = request;
    this.#clientWantsIds = request.body.raw('return_token_ids')?.toString() === 'true';
  }

  /** Whether a request can be moved at all. */
  static canFollow({ route, stream, n, body }: ClientRequest): boolean {
    const isSingle =
      body.kind('prompt') === 'string' ||
      /^\[\s*\d/.test(body.raw('prompt')?.toString('latin1', 0, 64) ?? '');
    const isPlain = NOT_MOVABLE.every((key) =>
      ['null', 'false', undefined].includes(body.raw(key)?.toString()),
    );
    return route === 'completions' && stream && n === 1 && isSingle && isPlain;
  }

  /** Tokens generated at engines before this one. */
  get tokensBefore(): number {
    return this.#before;
  }

  get hasStopped(): boolean {
    return this.#hasStopped;
  }

  /** Whether the answer lacks nothing but its end. */
  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** All tokens so far, prompt first; undefined as long as the engine has not told the prompt's. */
  get tokenIds(): readonly number[] | undefined {
    return this.#promptIds && [...this.#promptIds, ...this.#generated];
  }

  /** What asks an engine for the rest of `body`, and for the ids; the first time for all of it. */
  nextBody(body: JsonObject): Buffer {
    this.#rest = Buffer.alloc(0);
    this.#hasStopped = false;
    this.#before = this.#generated.length;
    const { maxTokens = DEFAULT_MAX_TOKENS } = this.#request;
    if (this.#before === 0) return editObject(body, { return_token_ids: 'true' });
    const least = Number(body.raw('min_tokens')?.toString() ?? 0);
    return editObject(body, {
      return_token_ids: 'true',
      prompt: JSON.stringify(this.tokenIds),
      max_tokens: String(maxTokens - this.#before),
      ...(least > 0 && { min_tokens: String(Math.max(0, least - this.#before)) }),
    });
  }

  push(chunk: Buffer): Buffer {
    if (this.#hasStopped) return Buffer.alloc(0);
    const bytes = Buffer.concat([this.#rest, chunk]);
    const edits: ByteEdit[] = [];
    let from = 0;
    for (;;) {
      const end = bytes.indexOf(EVENT_END, from);
      if (end < 0) break;
      if (bytes.subarray(from, from + DATA.length).equals(DATA))
        this.#event(bytes, from + DATA.length, edits);
      if (this.#hasStopped) break;
      from = end + EVENT_END.length;
    }
    this.#rest = bytes.subarray(from);
    return replaceParts(bytes.subarray(0, from), edits);
  }

  #event(bytes: Buffer, at: number, edits: ByteEdit[]): void {
    if (bytes[at] !== 0x7b) return;
    let event: JsonObject;
    try {
      event = new JsonObject(bytes, at);
    } catch (error) {
      if (error instanceof JsonFault) return;
      throw error;
    }
    if (event.kind('error') === 'object') {
      this.#hasStopped = true;
      return;
    }
    for (const choice of event.objects('choices')) {
      this.#promptIds ??= idsOf(choice, 'prompt_token_ids');
      for (const id of idsOf(choice, 'token_ids') ?? []) this.#generated.push(id);
      if (choice.kind('finish_reason') === 'string') this.#isFinished = true;
      this.#hide(choice, edits);
    }
    const usage = event.object('usage');
    if (usage !== undefined && this.#before > 0) {
      this.#shift(usage, 'prompt_tokens', -this.#before, edits);
      this.#shift(usage, 'completion_tokens', this.#before, edits);
    }
    edits.sort((a, b) => a.from - b.from);
  }

  #hide(choice: JsonObject, edits: ByteEdit[]): void {
    for (const key of ['prompt_token_ids', 'token_ids']) {
      const entry = choice.entry(key);
      const isWanted = this.#clientWantsIds && (key === 'token_ids' || this.#before === 0);
      if (entry !== undefined && !isWanted)
        edits.push({ from: entry.from, to: entry.to, by: 'null' });
    }
  }

  #shift(usage: JsonObject, key: string, by: number, edits: ByteEdit[]): void {
    const entry = usage.entry(key);
    if (entry === undefined || usage.kind(key) !== 'number') return;
    edits.push({ from: entry.from, to: entry.to, by: String((usage.value(key) as number) + by) });
  }
}

function idsOf(choice: JsonObject, key: string): readonly number[] | undefined {
  return choice.kind(key) === 'array' ? (choice.value(key) as readonly number[]) : undefined;
}
