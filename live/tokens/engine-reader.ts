import { request } from 'undici';
import { blockHashes, sequenceHashes } from '#core/tokens/block-hash.ts';
import { JsonObject } from '#live/bytes/json-object.ts';
import { readNumbers } from '#live/bytes/number-list.ts';
import type { Secret } from '#live/engines/secret.ts';
import type { PromptReader, PromptSource } from './prompt-reader.ts';

/** An engine that can be asked for the tokens of a prompt. */
export interface TokenizingEngine {
  readonly url: string;
  readonly apiKey?: Secret | undefined;
}

/** How an engine is asked: vLLM renders whole requests, and both vLLM and SGLang tokenize texts. */
type Way = 'render' | 'tokenize';

/** An engine that takes longer is not worth waiting for: the prompt is routed by its text. */
const TIMEOUT_MS = 2000;
/** How many prompts a way that an engine does not offer is left out for. */
const FORGET_AFTER = 1000;

const OPEN_BRACE = 0x7b;

const RENDER_PATH = {
  chat: '/v1/chat/completions/render',
  completions: '/v1/completions/render',
  embeddings: undefined,
} as const;

/**
 * Asks the engines for the tokens of each prompt, one after the other by turns: exact for any model,
 * for the price of one more round trip. `engines` are those that can be reached now.
 */
export function engineReader(
  engines: () => readonly TokenizingEngine[],
  blockSize: number,
): PromptReader {
  const lacks = new Map<string, number>();
  let turn = 0;

  async function ask(engine: TokenizingEngine, way: Way, source: PromptSource) {
    const question = way === 'render' ? renderOf(source) : tokenizeOf(source);
    const key = `${way} ${engine.url}`;
    if (question === undefined || (lacks.get(key) ?? 0) > turn) return undefined;
    const { statusCode, body } = await request(engine.url.replace(/\/$/, '') + question.path, {
      method: 'POST',
      body: question.body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        'content-type': 'application/json',
        ...(engine.apiKey && { authorization: `Bearer ${engine.apiKey.reveal()}` }),
      },
    });
    if (statusCode === 200) return tokensOf(Buffer.from(await body.arrayBuffer()));
    await body.dump();
    // What the engine does not offer, or not here, it will not offer to the next prompt either.
    if ([403, 404, 405, 501].includes(statusCode)) lacks.set(key, turn + FORGET_AFTER);
    return undefined;
  }

  return {
    async read(source) {
      const known = engines();
      if (known.length === 0) return undefined;
      const engine = known[turn++ % known.length]!;
      for (const way of ['render', 'tokenize'] as const) {
        const prompts = await ask(engine, way, source).catch(() => undefined);
        if (prompts === undefined) continue;
        const inputTokens = prompts.reduce((sum, { length }) => sum + length, 0);
        const hashes = sequenceHashes(blockHashes(prompts[0]!, blockSize, source.salt));
        return { inputTokens: Math.max(1, inputTokens), hashes };
      }
      return undefined;
    },
  };
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
  if (answer[0] === OPEN_BRACE) {
    const object = new JsonObject(answer);
    const list = object.raw('token_ids') ?? object.raw('tokens');
    const numbers = list && readNumbers(list);
    if (numbers !== undefined) return [numbers];
  }
  const parsed = JSON.parse(answer.toString()) as unknown;
  const prompts = (Array.isArray(parsed) ? parsed : [parsed]).map((one) => {
    const { token_ids, tokens } = (one ?? {}) as { token_ids?: unknown; tokens?: unknown };
    return token_ids ?? tokens;
  });
  return prompts.length > 0 && prompts.every(areTokens) ? prompts : undefined;
}

function areTokens(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((id) => Number.isInteger(id) && id >= 0);
}
