import type { CacheSalt } from '#core/tokens/block-hash.ts';
import type { Bootstrap } from '../hand-off/open-leg.ts';
import type { MockBackend } from '../mock-options.ts';
import { type ChatMessage, chatTokens } from '../tokens/chat-template.ts';
import { encode, VOCABULARY } from '../tokens/tokenizer.ts';
import { Fields } from './fields.ts';
import { badRequest, unknownModel } from './problem.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** Where SGLang's prefill workers are met when nobody says. */
const BOOTSTRAP_PORT = 8998;

/** What a body may be held against. */
export interface ServedModel {
  readonly model: string;
  readonly loras: readonly string[];
  readonly maxModelLen: number;
  readonly ranks: number;
  readonly answerTokens: number;
  readonly backend: MockBackend;
}

/** A request for answers, checked. */
export interface GenerateBody {
  readonly kind: 'completion' | 'chat';
  readonly model: string;
  readonly prompts: readonly Uint32Array[];
  /** Answers to each prompt. */
  readonly n: number;
  /** Most tokens of an answer, by prompt. */
  readonly maxTokens: readonly number[];
  /** Tokens after which the model ends an answer by itself. */
  readonly endsAfter: number | undefined;
  readonly ignoresEos: boolean;
  readonly stop: readonly string[];
  readonly stopTokenIds: readonly number[];
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly continuousUsage: boolean;
  readonly returnTokenIds: boolean;
  /** How many of the likeliest tokens are told beside the one chosen; absent = nothing of it. */
  readonly logprobs: number | undefined;
  readonly salt: CacheSalt;
  /** As the engine's scheduler has it: higher comes first. */
  readonly priority: number;
  readonly temperature: number;
  readonly seed: number;
  /** What a router passes from a prefill worker to a decode worker, as it came. */
  readonly kvTransferParams: JsonObject | undefined;
  /** The same of SGLang, by prompt: where the prefill worker is to be met, and in which room. */
  readonly bootstraps: readonly Bootstrap[] | undefined;
  /** The data-parallel rank, where the body names one. */
  readonly rank: number | undefined;
}

/** Reads the body of `/v1/completions` or `/v1/chat/completions`; throws a `Problem`. */
export function readGenerateBody(
  kind: GenerateBody['kind'],
  body: JsonObject,
  served: ServedModel,
): GenerateBody {
  const fields = new Fields(body);
  const streaming = fields.object('stream_options');
  const asked = fields.integer('max_completion_tokens') ?? fields.integer('max_tokens');
  const prompts = kind === 'chat' ? readChat(fields) : readPrompts(fields);
  const minTokens = fields.integer('min_tokens') ?? 0;
  const ignoresEos = fields.boolean('ignore_eos');
  const runsOn = ignoresEos || (asked !== undefined && minTokens >= asked);
  const read = {
    kind,
    n: fields.integer('n') ?? 1,
    ignoresEos,
    stop: fields.strings('stop'),
    stopTokenIds: fields.integers('stop_token_ids'),
    stream: fields.boolean('stream'),
    includeUsage: streaming.boolean('include_usage'),
    continuousUsage: streaming.boolean('continuous_usage_stats'),
    returnTokenIds: fields.boolean('return_token_ids'),
    logprobs: readLogprobs(kind, fields),
    salt: readSalt(fields, served),
    priority: readPriority(fields, served),
    temperature: fields.number('temperature') ?? 1,
    seed: fields.integer('seed') ?? 0,
    kvTransferParams: readBlob(fields, 'kv_transfer_params'),
    bootstraps: readBootstraps(fields, prompts.length),
    rank: readRank(fields, served),
  };
  const model = fields.string('model') ?? served.model;
  fields.check();
  const models = [served.model, ...served.loras];
  if (!models.includes(model)) throw unknownModel(model, models);
  checkPrompts(prompts, served);
  return {
    ...read,
    model,
    prompts: prompts.map((prompt) => Uint32Array.from(prompt)),
    maxTokens: prompts.map((prompt) => limitOf(kind, asked, prompt.length, served)),
    endsAfter: asked === undefined && !runsOn ? served.answerTokens : undefined,
  };
}

/** Text, tokens, or a list of either. */
function readPrompts(fields: Fields): readonly (readonly number[])[] {
  const prompt = fields.needed('prompt');
  if (typeof prompt === 'string') return [encode(prompt)];
  if (Array.isArray(prompt)) {
    if (prompt.length > 0 && prompt.every(Number.isInteger)) return [prompt as number[]];
    const prompts = prompt.map((one) =>
      typeof one === 'string' ? encode(one) : isTokens(one) ? one : undefined,
    );
    if (prompts.every((one) => one !== undefined)) return prompts;
  }
  if (prompt !== undefined) fields.fault('prompt', 'list_type', 'Input should be a valid list');
  return [];
}

function isTokens(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every(Number.isInteger);
}

/** Tokens of the chat that a body holds. */
export function readChat(fields: Fields): readonly (readonly number[])[] {
  const messages = fields.needed('messages');
  if (messages === undefined) return [];
  if (!Array.isArray(messages)) {
    fields.fault('messages', 'list_type', 'Input should be a valid list');
    return [];
  }
  const addGenerationPrompt = fields.raw('add_generation_prompt') !== false;
  const tools = fields.raw('tools');
  return [chatTokens(messages.map(messageOf), { tools, addGenerationPrompt })];
}

function messageOf(value: unknown): ChatMessage {
  const { role, content, tool_calls: calls } = (value ?? {}) as JsonObject;
  const called = calls === undefined || calls === null ? '' : JSON.stringify(calls);
  return { role: String(role ?? 'user'), content: textOf(content) + called };
}

/** Parts that are no text count by what they say of themselves. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part: JsonObject) => (typeof part.text === 'string' ? part.text : JSON.stringify(part)))
    .join('\n');
}

function readLogprobs(kind: GenerateBody['kind'], fields: Fields): number | undefined {
  if (kind === 'completion') return fields.integer('logprobs');
  return fields.boolean('logprobs') ? (fields.integer('top_logprobs') ?? 0) : undefined;
}

/** vLLM lets lower numbers come first; SGLang, as the scheduler here, higher ones. */
function readPriority(fields: Fields, { backend }: ServedModel): number {
  const priority = fields.integer('priority') ?? 0;
  return backend === 'vllm' ? 0 - priority : priority;
}

function readSalt(fields: Fields, { loras }: ServedModel): CacheSalt {
  const cacheNamespace = fields.string('cache_salt') ?? fields.string('extra_key');
  const model = fields.raw('model');
  const isLora = typeof model === 'string' && loras.includes(model);
  return { ...(cacheNamespace && { cacheNamespace }), ...(isLora && { loraName: model }) };
}

function readBlob(fields: Fields, name: string): JsonObject | undefined {
  const value = fields.raw(name);
  if (value === undefined) return undefined;
  if (typeof value === 'object' && !Array.isArray(value)) return value as JsonObject;
  return fields.fault(name, 'dict_type', 'Input should be a valid dictionary');
}

/** One of each for all prompts, or a list of them. */
function readBootstraps(fields: Fields, prompts: number): readonly Bootstrap[] | undefined {
  const rooms = listed(fields.raw('bootstrap_room'), prompts);
  if (fields.raw('bootstrap_room') === undefined) return undefined;
  const hosts = listed(fields.raw('bootstrap_host'), prompts);
  const ports = listed(fields.raw('bootstrap_port') ?? BOOTSTRAP_PORT, prompts);
  return rooms.map((room, index) => {
    if (typeof room !== 'bigint' && !Number.isSafeInteger(room)) {
      fields.fault('bootstrap_room', 'int_type', 'Input should be a valid integer');
    }
    const host = String(hosts[index] ?? '127.0.0.1');
    const port = Number(ports[index] ?? BOOTSTRAP_PORT);
    return { host, port, room: typeof room === 'bigint' ? room : BigInt(Number(room) || 0) };
  });
}

function listed(value: unknown, length: number): readonly unknown[] {
  return Array.isArray(value) ? value : Array.from({ length }, () => value);
}

/** SGLang takes it from the body, too. */
function readRank(fields: Fields, { backend, ranks }: ServedModel): number | undefined {
  if (backend !== 'sglang') return undefined;
  const rank = fields.integer('routed_dp_rank') ?? fields.integer('data_parallel_rank');
  if (rank === undefined || (rank >= 0 && rank < ranks)) return rank;
  throw badRequest(`routed_dp_rank=${rank} is out of range [0, ${ranks}).`);
}

function checkPrompts(prompts: readonly (readonly number[])[], served: ServedModel): void {
  if (prompts.length === 0 || prompts.some((prompt) => prompt.length === 0)) {
    throw badRequest('You must pass at least one prompt');
  }
  for (const prompt of prompts) {
    const foreign = prompt.find((token) => token < 0 || token >= VOCABULARY);
    if (foreign !== undefined) throw badRequest(`Token id ${foreign} is out of vocabulary`);
    if (prompt.length < served.maxModelLen) continue;
    const message = `This model's maximum context length is ${served.maxModelLen} tokens. However, your prompt contains ${prompt.length} input tokens, which exceeds this limit even without any output tokens. Please reduce the length of the input prompt.`;
    throw badRequest(message, 'input_tokens', prompt.length);
  }
}

/** Most tokens of an answer to a prompt of that length. */
function limitOf(
  kind: GenerateBody['kind'],
  asked: number | undefined,
  promptTokens: number,
  { maxModelLen }: ServedModel,
): number {
  const room = maxModelLen - promptTokens;
  if (asked === undefined) return kind === 'chat' ? room : Math.min(16, room);
  if (asked < 1) {
    throw badRequest(`max_tokens must be at least 1, got ${asked}.`, 'max_tokens', asked);
  }
  if (asked > maxModelLen) {
    const message = `max_tokens=${asked} cannot be greater than max_model_len=${maxModelLen}. Please request fewer output tokens.`;
    throw badRequest(message, 'max_tokens', asked);
  }
  if (asked > room) {
    const message = `This model's maximum context length is ${maxModelLen} tokens. However, you requested ${asked} output tokens and your prompt contains ${promptTokens} input tokens, for a total of ${asked + promptTokens} tokens. Please reduce the length of the input prompt or the number of requested output tokens.`;
    throw badRequest(message, 'input_tokens', promptTokens);
  }
  return asked;
}
