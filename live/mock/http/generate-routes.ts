import { randomBytes } from 'node:crypto';
import type { EngineLife } from '../engine-life.ts';
import { decode, encode } from '../tokens/tokenizer.ts';
import { Fields } from './fields.ts';
import { Generation } from './generate.ts';
import {
  type GenerateBody,
  readChat,
  readGenerateBody,
  type ServedModel,
} from './generate-body.ts';
import { badRequest, problem, unknownModel } from './problem.ts';
import { rankOf } from './rank-header.ts';
import { readJsonBody } from './read-body.ts';
import { sendJson } from './send-json.ts';
import { servedModel } from './served-model.ts';
import type { Exchange, Routes } from './server.ts';

const PREFIX = { completion: 'cmpl', chat: 'chatcmpl' } as const;

/** Answers, and what only shows the tokens of a prompt. */
export function generateRoutes(life: EngineLife): Routes {
  const generate =
    (kind: GenerateBody['kind']) =>
    async ({ request, response }: Exchange): Promise<void> => {
      const json = await readJsonBody(request);
      const served = servedModel(life);
      const body = readGenerateBody(kind, json, served);
      checkRole(life, body);
      const rank = rankOf(request, served.ranks) ?? body.rank;
      const id = `${PREFIX[kind]}-${requestId(request.headers['x-request-id'])}`;
      if (life.faults.refuses()) throw refusal(life);
      // Whoever has left meanwhile wants no answer.
      if (!response.destroyed) new Generation(life, body, id, response).start(rank);
    };
  const render =
    (kind: GenerateBody['kind']) =>
    async ({ request, response }: Exchange): Promise<void> => {
      const body = readGenerateBody(kind, await readJsonBody(request), servedModel(life));
      const rendered = body.prompts.map((prompt, index) => renderedPrompt(body, prompt, index));
      sendJson(response, 200, kind === 'chat' ? rendered[0]! : rendered);
    };
  return {
    '/v1/completions': { POST: generate('completion') },
    '/v1/chat/completions': { POST: generate('chat') },
    '/v1/completions/render': { POST: render('completion') },
    '/v1/chat/completions/render': { POST: render('chat') },
    '/tokenize': { POST: (exchange) => tokenize(exchange, servedModel(life)) },
    '/detokenize': { POST: (exchange) => detokenize(exchange, servedModel(life)) },
  };
}

/** A worker that computes prompts alone has one token to give, and one prompt to hand over. */
function checkRole({ options }: EngineLife, { maxTokens, prompts, n }: GenerateBody): void {
  if (options.role !== 'prefill' || options.backend !== 'vllm') return;
  if (maxTokens.some((tokens) => tokens > 1)) {
    throw badRequest('This engine computes prompts alone: ask for max_tokens 1', 'max_tokens');
  }
  if (prompts.length * n > 1) throw badRequest('This engine hands over one prompt at a time');
}

/** What a server says that takes no more. */
function refusal({ faults }: EngineLife): Error {
  const message = 'The engine takes no more requests';
  return problem(faults.now.refuse_status, 'ServiceUnavailableError', message);
}

/** The id that a client has given, or one of our own. */
function requestId(header: string | readonly string[] | undefined): string {
  return typeof header === 'string' ? header : randomBytes(8).toString('hex');
}

function renderedPrompt(body: GenerateBody, prompt: Uint32Array, index: number): object {
  return {
    request_id: `${PREFIX[body.kind]}-${requestId(undefined)}`,
    token_ids: [...prompt],
    token_offsets: null,
    features: null,
    content_parts: null,
    sampling_params: {
      presence_penalty: 0,
      frequency_penalty: 0,
      repetition_penalty: 1,
      temperature: body.temperature,
      // Greedy sampling looks at neither.
      ...(body.temperature !== 0 && { top_p: 1, min_p: 0 }),
      stop: body.stop,
      stop_token_ids: body.stopTokenIds,
      ...(body.ignoresEos && { ignore_eos: true }),
      max_tokens: body.maxTokens[index],
      output_kind: 2,
      skip_clone: true,
      bad_words: [],
      skip_reading_prefix_cache: false,
    },
    model: body.model,
    reasoning_ended: null,
    reasoning_parser_kwargs: null,
    return_token_ids: body.returnTokenIds || null,
    output_mode: 'tokens',
    stream: body.stream,
    stream_options: null,
    cache_salt: body.salt.cacheNamespace ?? null,
    priority: body.priority === 0 ? 0 : -body.priority,
    kv_transfer_params: body.kvTransferParams ?? null,
    ec_transfer_params: null,
  };
}

async function tokenize({ request, response }: Exchange, served: ServedModel): Promise<void> {
  const fields = new Fields(await readJsonBody(request));
  checkModel(fields, served);
  const prompt = fields.string('prompt');
  const tokens = prompt === undefined ? (readChat(fields)[0] ?? []) : encode(prompt);
  const asTexts = fields.boolean('return_token_strs');
  fields.check();
  sendJson(response, 200, {
    count: tokens.length,
    max_model_len: served.maxModelLen,
    tokens,
    token_strs: asTexts ? tokens.map((token) => decode([token], true)) : null,
  });
}

async function detokenize({ request, response }: Exchange, served: ServedModel): Promise<void> {
  const fields = new Fields(await readJsonBody(request));
  checkModel(fields, served);
  const tokens = fields.integers('tokens');
  fields.check();
  sendJson(response, 200, { prompt: decode(tokens, true) });
}

function checkModel(fields: Fields, { model, loras }: ServedModel): void {
  const asked = fields.string('model');
  const models = [model, ...loras];
  if (asked !== undefined && !models.includes(asked)) throw unknownModel(asked, models);
}
