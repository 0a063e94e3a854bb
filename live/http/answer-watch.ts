import { isRecord } from '#core/config/key-schema.ts';
import { JsonObject } from '#live/bytes/json-object.ts';
import { SseSplitter } from '#live/bytes/sse-splitter.ts';
import { MOST_TOKENS } from './client-request.ts';

/** A plain answer longer than this is not looked into. */
const MAX_PLAIN_BYTES = 16 * 1024 * 1024;

/** An error that came as an event in the midst of a stream. */
export interface StreamError {
  /** Of which kind it is; its text may quote the prompt. */
  readonly kind: string;
  /** The status that it would have had as an answer. */
  readonly status: number;
  /** The payload of its event. */
  readonly data: Buffer;
}

/** Reads a copy of an answer on its way: how many tokens it has, what the engine says of its use, how it ends. */
export class AnswerWatch {
  /** Tokens generated so far, over all choices. */
  tokens = 0;
  /** What the engine says; −1 = nothing yet. */
  cachedTokens = -1;
  /** `[DONE]` has come. */
  isDone = false;
  /** The first error that came in the midst of a stream. */
  error: StreamError | undefined;
  /** Events that were no JSON. */
  broken = 0;
  readonly #splitter: SseSplitter | undefined;
  readonly #mostTokens: number;
  readonly #take = (data: Buffer): void => this.#event(data);
  #plain: Buffer[] = [];
  #plainBytes = 0;

  /** `mostTokens`: an engine that tells of more generated tokens is not believed. */
  constructor(isStream: boolean, mostTokens: number) {
    this.#mostTokens = mostTokens;
    this.#splitter = isStream ? new SseSplitter() : undefined;
  }

  /** The next bytes of the answer. */
  push(chunk: Buffer): void {
    if (this.#splitter !== undefined) {
      this.#splitter.push(chunk, this.#take);
      return;
    }
    this.#plainBytes += chunk.length;
    if (this.#plainBytes <= MAX_PLAIN_BYTES) this.#plain.push(chunk);
  }

  /** The answer is over. */
  end(): void {
    if (this.#splitter !== undefined) {
      this.broken += this.#splitter.dropped;
      return;
    }
    if (this.#plainBytes > MAX_PLAIN_BYTES) return;
    try {
      this.#usage(new JsonObject(Buffer.concat(this.#plain)).value('usage'));
    } catch {
      this.broken++;
    }
  }

  #event(data: Buffer): void {
    if (data.length === 6 && data.toString('latin1') === '[DONE]') {
      this.isDone = true;
      return;
    }
    let event: unknown;
    try {
      // Only names and numbers are looked at, so letters beyond ASCII need no decoding.
      event = JSON.parse(data.toString('latin1'));
    } catch {
      this.broken++;
      return;
    }
    if (!isRecord(event)) return;
    if (isRecord(event.error)) this.error ??= streamError(event.error, data);
    if (Array.isArray(event.choices)) {
      for (const choice of event.choices) this.tokens += tokensOf(choice);
    }
    if (event.usage != null) this.#usage(event.usage);
  }

  #usage(usage: unknown): void {
    if (!isRecord(usage)) return;
    const { prompt_tokens, completion_tokens, prompt_tokens_details: details } = usage;
    if (isCount(completion_tokens) && completion_tokens <= this.#mostTokens)
      this.tokens = completion_tokens;
    if (!isRecord(details) || !isCount(details.cached_tokens)) return;
    const prompt = isCount(prompt_tokens) ? prompt_tokens : MOST_TOKENS;
    if (details.cached_tokens <= Math.min(prompt, MOST_TOKENS))
      this.cachedTokens = details.cached_tokens;
  }
}

function streamError(error: Readonly<Record<string, unknown>>, data: Buffer): StreamError {
  const { code } = error;
  const isStatus = isCount(code) && code >= 400 && code < 600;
  return { kind: kindOf(error), status: isStatus ? code : 502, data };
}

/** What an engine calls its error: names of classes and numbers, which quote nothing. */
function kindOf({ type, code }: Readonly<Record<string, unknown>>): string {
  const name = typeof type === 'string' && /^[A-Za-z_]{0,40}error$/i.test(type) ? ` ${type}` : '';
  const number = isCount(code) ? ` ${code}` : '';
  return `the engine tells of an error:${name}${number}`.replace(/:$/, '');
}

/** Ids are exact; without them a piece of text is taken for a token, as engines send them one by one. */
function tokensOf(choice: unknown): number {
  if (!isRecord(choice)) return 0;
  if (Array.isArray(choice.token_ids)) return choice.token_ids.length;
  if (typeof choice.text === 'string') return choice.text === '' ? 0 : 1;
  const { delta } = choice;
  if (!isRecord(delta)) return 0;
  const said = delta.content || delta.reasoning || delta.reasoning_content || delta.tool_calls;
  return said ? 1 : 0;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}
