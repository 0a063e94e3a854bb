import type { IncomingHttpHeaders } from 'node:http';
import type { JsonKind, JsonObject } from '#live/bytes/json-object.ts';
import type { PromptSource } from '#live/tokens/prompt-reader.ts';
import { type RequestHints, readHints } from './hints.ts';
import { badField, HttpFailure } from './http-failure.ts';
import { type Nvext, readNvext } from './nvext.ts';

export type GenerationRoute = PromptSource['route'];

/** Where each kind of request goes, at the client's side and at the engine's. */
export const ROUTE_PATHS: Readonly<Record<GenerationRoute, string>> = {
  chat: '/v1/chat/completions',
  completions: '/v1/completions',
  embeddings: '/v1/embeddings',
};

const PROMPT_KEYS: Readonly<Record<GenerationRoute, string>> = {
  chat: 'messages',
  completions: 'prompt',
  embeddings: 'input',
};

/** No prompt and no answer has more tokens: a count beyond it says nothing. */
export const MOST_TOKENS: number = 2 ** 24;

/** What a client asked, as far as the router has to know it; all else stays in its bytes. */
export interface ClientRequest {
  readonly route: GenerationRoute;
  readonly body: JsonObject;
  /** Empty where the client named none. */
  readonly model: string;
  readonly stream: boolean;
  /** Most output tokens, where the client said so. */
  readonly maxTokens?: number;
  /** Answers to each prompt. */
  readonly n: number;
  readonly cacheSalt?: string;
  readonly nvext: Nvext;
  readonly hints: RequestHints;
}

/**
 * Reads what the router needs. Only that is checked: what is wrong with other fields the engine
 * knows better, and says so itself. Throws the 400 that tells which field is wrong.
 */
export function readClientRequest(
  route: GenerationRoute,
  body: JsonObject,
  headers: IncomingHttpHeaders,
): ClientRequest {
  const nvext = readNvext(body.raw('nvext')?.toString('utf8'));
  const maxTokens = limit(body, 'max_completion_tokens') ?? limit(body, 'max_tokens');
  const cacheSalt = saltOf(body, nvext);
  refuseNoPrompt(route, body);
  return {
    route,
    body,
    model: (typedValue(body, 'model', 'string') as string | undefined) ?? '',
    stream: typedValue(body, 'stream', 'boolean') === true,
    ...(maxTokens !== undefined && { maxTokens }),
    n: limit(body, 'n') ?? 1,
    ...(cacheSalt !== undefined && { cacheSalt }),
    nvext,
    hints: readHints(headers, nvext),
  };
}

/** The most output tokens that an engine can generate for a request, over all answers. */
export function mostTokensOf({ route, body, maxTokens, n }: ClientRequest): number {
  const key = PROMPT_KEYS[route];
  const isBatch =
    route !== 'chat' &&
    body.kind(key) === 'array' &&
    !/^\[\s*\d/.test(body.raw(key)!.toString('latin1', 0, 64));
  if (maxTokens === undefined || isBatch) return MOST_TOKENS;
  return Math.min(MOST_TOKENS, maxTokens * n);
}

/** How many prompts a request brings as a list; undefined for a single one. */
export function batchOf({ route, body }: ClientRequest): number | undefined {
  const key = PROMPT_KEYS[route];
  if (route === 'chat' || body.kind(key) !== 'array') return undefined;
  const list = body.value(key) as readonly unknown[];
  return typeof list[0] === 'number' ? undefined : list.length;
}

function refuseNoPrompt(route: GenerationRoute, body: JsonObject): void {
  const key = PROMPT_KEYS[route];
  const kind = body.kind(key);
  const allowed: readonly JsonKind[] = route === 'chat' ? ['array'] : ['array', 'string'];
  if (kind !== undefined && allowed.includes(kind)) {
    if (/^\[\s*\]$/.test(body.raw(key)!.toString('latin1', 0, 64))) {
      const message = route === 'chat' ? 'messages: empty' : 'You must pass at least one prompt';
      throw new HttpFailure(400, message, { param: key });
    }
    return;
  }
  // vLLM takes prompts that are tensors already; what they hold is nobody's business here.
  if (route === 'completions' && body.has('prompt_embeds')) return;
  throw badField(
    `body.${key}`,
    kind === undefined ? 'missing' : `not ${allowed.join(' or ')}, but ${kind}`,
  );
}

function typedValue(body: JsonObject, key: string, kind: JsonKind): unknown {
  const found = body.kind(key);
  if (found === undefined || found === 'null') return undefined;
  if (found !== kind) throw badField(`body.${key}`, `not a ${kind}, but ${found}`);
  return body.value(key);
}

function limit(body: JsonObject, key: string): number | undefined {
  const value = typedValue(body, key, 'number') as number | undefined;
  if (value === undefined) return undefined;
  if (!Number.isInteger(value)) throw badField(`body.${key}`, 'not a whole number');
  if (value < (key === 'n' ? 1 : 0)) {
    throw new HttpFailure(400, `${key} must be at least 1, got ${value}.`, { param: key });
  }
  return value;
}

/** Only vLLM's own field, or only the extension's; one that differs would be lost. */
function saltOf(body: JsonObject, nvext: Nvext): string | undefined {
  const own = typedValue(body, 'cache_salt', 'string') as string | undefined;
  if (own !== undefined && nvext.cacheSalt !== undefined && own !== nvext.cacheSalt) {
    throw badField(
      'nvext.cache_salt',
      'another one stands in cache_salt; leave one of the two out',
    );
  }
  return own ?? nvext.cacheSalt;
}
