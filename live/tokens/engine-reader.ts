import { request } from 'undici';
import { blockHashes, sequenceHashes } from '#core/tokens/block-hash.ts';
import { JsonObject } from '#live/bytes/json-object.ts';
import { JsonFault } from '#live/bytes/json-scan.ts';
import { readNumbers } from '#live/bytes/number-list.ts';
import { readCapped } from '#live/bytes/read-capped.ts';
import type { Clock } from '#live/clock.ts';
import type { Secret } from '#live/engines/secret.ts';
import type { PromptBlocks } from '#live/routing/route-ask.ts';
import { EngineRests } from './engine-rests.ts';
import type { PromptReader, PromptSource } from './prompt-reader.ts';

/** An engine that can be asked for the tokens of a prompt. */
export interface TokenizingEngine {
  readonly url: string;
  readonly apiKey?: Secret | undefined;
}

/** How an engine is asked: vLLM renders whole requests, and both vLLM and SGLang tokenize texts. */
type Way = 'render' | 'tokenize';

/** Tokens that take longer, whoever is asked and how, are not worth waiting for. */
const TIMEOUT_MS = 2000;
/** More than the token ids of the longest prompts, with all that vLLM says besides. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** How many prompts a way that an engine does not offer is left out for. */
const FORGET_AFTER = 1000;

const OPEN_BRACE = 0x7b;

const RENDER_PATH = {
  chat: '/v1/chat/completions/render',
  completions: '/v1/completions/render',
  embeddings: undefined,
} as const;

export interface EngineReaderOptions {
  /** Those that can be sent to now. */
  readonly engines: () => readonly TokenizingEngine[];
  readonly blockSize: number;
  readonly clock: Clock;
  readonly timeoutMs?: number;
  readonly maxAnswerBytes?: number;
}

/**
 * Asks the engines for the tokens of each prompt, one after the other by turns: exact for any model,
 * for the price of one more round trip. Who does not answer is passed over for a while, so that one
 * engine that hangs costs a prompt now and then its time, and not every n-th.
 */
export function engineReader(options: EngineReaderOptions): PromptReader {
  const { engines, blockSize, clock } = options;
  const { timeoutMs = TIMEOUT_MS, maxAnswerBytes = MAX_ANSWER_BYTES } = options;
  const lacks = new Map<string, number>();
  const rests = new EngineRests();
  let turn = 0;

  async function ask(
    engine: TokenizingEngine,
    way: Way,
    source: PromptSource,
    signal: AbortSignal,
  ) {
    const question = way === 'render' ? renderOf(source) : tokenizeOf(source);
    const key = `${way} ${engine.url}`;
    if (question === undefined || (lacks.get(key) ?? 0) > turn) return undefined;
    const { statusCode, body } = await request(engine.url.replace(/\/$/, '') + question.path, {
      method: 'POST',
      body: question.body,
      signal,
      headers: {
        'content-type': 'application/json',
        ...(engine.apiKey && { authorization: `Bearer ${engine.apiKey.reveal()}` }),
      },
    });
    if (statusCode === 200) return tokensOf(await readCapped(body, maxAnswerBytes));
    await body.dump();
    // What the engine does not offer, or not here, it will not offer to the next prompt either.
    if ([403, 404, 405, 501].includes(statusCode)) lacks.set(key, turn + FORGET_AFTER);
    return undefined;
  }

  /** The tokens by the first way that the engine knows. Rejects where the engine does not answer. */
  async function promptsAt(engine: TokenizingEngine, source: PromptSource, signal: AbortSignal) {
    for (const way of ['render', 'tokenize'] as const) {
      const prompts = await ask(engine, way, source, signal);
      if (prompts !== undefined) return prompts;
    }
    return undefined;
  }

  return {
    async read(source, left) {
      const known = engines().filter(({ url }) => !rests.isResting(url, clock.nowNs()));
      const first = turn++;
      const deadline = AbortSignal.timeout(timeoutMs);
      const signal = left === undefined ? deadline : AbortSignal.any([deadline, left]);
      for (let at = 0; at < known.length && !signal.aborted; at++) {
        const engine = known[(first + at) % known.length]!;
        try {
          const prompts = await promptsAt(engine, source, signal);
          rests.answered(engine.url);
          return prompts && blocksOf(prompts, blockSize, source);
        } catch {
          left?.throwIfAborted();
          rests.failed(engine.url, clock.nowNs());
        }
      }
      left?.throwIfAborted();
      return undefined;
    },
  };
}

function blocksOf(
  prompts: readonly ArrayLike<number>[],
  blockSize: number,
  { salt }: PromptSource,
): PromptBlocks {
  const inputTokens = prompts.reduce((sum, { length }) => sum + length, 0);
  const hashes = sequenceHashes(blockHashes(prompts[0]!, blockSize, salt));
  return { inputTokens: Math.max(1, inputTokens), hashes };
}

interface Question {
  readonly path: string;
  readonly body: Buffer | string;
}

/** The request as it came, for the engine to render. */
function renderOf({ route, body }: PromptSource): Question | undefined {
  const path = RENDER_PATH[route];
  return path && { path, body: body.bytes.subarray(body.from, body.to) };
}

const TOKENIZE_KEYS = ['messages', 'tools', 'chat_template', 'chat_template_kwargs'] as const;

function tokenizeOf({ route, body, model }: PromptSource): Question | undefined {
  const path = '/tokenize';
  if (route !== 'chat') {
    const text = body.value(route === 'completions' ? 'prompt' : 'input');
    return typeof text === 'string'
      ? { path, body: JSON.stringify({ model, prompt: text }) }
      : undefined;
  }
  const asked = TOKENIZE_KEYS.flatMap((key) => (body.has(key) ? [[key, body.value(key)]] : []));
  return { path, body: JSON.stringify({ model, ...Object.fromEntries(asked) }) };
}

/** The tokens of each prompt in an answer of either kind; undefined where there are none. */
function tokensOf(answer: Buffer): readonly ArrayLike<number>[] | undefined {
  const numbers = answer[0] === OPEN_BRACE ? numbersOf(answer) : undefined;
  if (numbers !== undefined) return [numbers];
  const parsed = jsonOf(answer);
  const prompts = (Array.isArray(parsed) ? parsed : [parsed]).map((one) => {
    const { token_ids, tokens } = (one ?? {}) as { token_ids?: unknown; tokens?: unknown };
    return token_ids ?? tokens;
  });
  return prompts.length > 0 && prompts.every(areTokens) ? prompts : undefined;
}

/** The one list of an object, read where it stands. */
function numbersOf(answer: Buffer): ArrayLike<number> | undefined {
  try {
    const object = new JsonObject(answer);
    const list = object.raw('token_ids') ?? object.raw('tokens');
    return list && readNumbers(list);
  } catch (error) {
    if (error instanceof JsonFault) return undefined;
    throw error;
  }
}

/** Undefined for what is no JSON: an engine that does not know the path may say so in HTML. */
function jsonOf(answer: Buffer): unknown {
  try {
    return JSON.parse(answer.toString()) as unknown;
  } catch {
    return undefined;
  }
}

function areTokens(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((id) => Number.isInteger(id) && id >= 0);
}
