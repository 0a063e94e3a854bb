import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PromptBlocks } from '#live/routing/route-ask.ts';
import { BadPrompt, type PromptSource } from '#live/tokens/prompt-reader.ts';
import type { BodyBudget, BodyShare } from './body-budget.ts';
import { ClientAnswer } from './client-answer.ts';
import { type ClientRequest, type GenerationRoute, readClientRequest } from './client-request.ts';
import { EngineFailure } from './engine-failure.ts';
import { tenantIn } from './hints.ts';
import { failureOf, HttpFailure } from './http-failure.ts';
import { Journey, type JourneyParts } from './journey.ts';
import type { KeyCheck } from './key-check.ts';
import type { ModelBook, ServedBy } from './model-book.ts';
import { RateLimited, type RateLimits } from './rate-limits.ts';
import { ClientGone, readJsonBody } from './request-body.ts';
import { newRecord, type RequestOutcome, type RequestRecord } from './request-record.ts';

/** What the front lends to each request. */
export interface GenerationParts extends JourneyParts {
  readonly models: ModelBook;
  readonly clientKeys: KeyCheck;
  readonly limits: RateLimits;
  readonly maxBodyBytes: number;
  /** What the bodies of all requests may take. */
  readonly bodies: BodyBudget;
  /** A client that takes nothing for so long is hung up on. */
  readonly stallMs: number;
  /** Aborts when the router cannot wait any longer. */
  readonly cut: AbortSignal;
  /** Where faults of the router itself are told. */
  readonly report: (fault: unknown) => void;
}

/** The status of a request whose client did not wait for one; nginx's. */
const CLIENT_GONE = 499;

/** The router shuts down and has waited as long as it may. */
export class CutOff extends Error {
  override readonly name = 'CutOff';

  constructor() {
    super('the router shuts down');
  }
}

/** Answers one request for tokens or vectors. Never rejects. */
export async function serveGeneration(
  parts: GenerationParts,
  route: GenerationRoute,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { clock, telemetry } = parts;
  const { traceparent } = incoming.headers;
  const record = newRecord(route, requestId(incoming), clock.nowNs(), asText(traceparent));
  const answer = new ClientAnswer(response, parts.stallMs);
  const leaving = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) leaving.abort(new ClientGone());
  });
  const cutOff = (): void => leaving.abort(new CutOff());
  parts.cut.addEventListener('abort', cutOff);
  try {
    telemetry.requestBegan?.(record);
    await travel(parts, incoming, answer, record, leaving.signal);
    record.outcome = 'complete';
  } catch (error) {
    conclude(parts, error, answer, record);
  } finally {
    parts.cut.removeEventListener('abort', cutOff);
    answer.close();
    record.status = record.outcome === 'client_gone' ? CLIENT_GONE : answer.status;
    record.endedNs = clock.nowNs();
    telemetry.requestEnded?.(record);
  }
}

async function travel(
  parts: GenerationParts,
  incoming: IncomingMessage,
  answer: ClientAnswer,
  record: RequestRecord,
  signal: AbortSignal,
): Promise<void> {
  const leave = letIn(parts, incoming, record);
  const share = parts.bodies.share();
  try {
    await travelOn(parts, { incoming, share }, answer, record, signal);
  } finally {
    share.giveBack();
    leave();
  }
}

/** What can be told by the headers alone hinders a request before its body is read. */
function letIn(
  { clientKeys, limits }: GenerationParts,
  { headers }: IncomingMessage,
  record: RequestRecord,
): () => void {
  const client = clientKeys.admit(headers.authorization);
  if (client !== undefined) record.client = client;
  const tenant = tenantIn(headers);
  if (tenant !== undefined) record.tenant = tenant;
  return limits.enter({ client, tenant });
}

async function travelOn(
  parts: GenerationParts,
  { incoming, share }: { readonly incoming: IncomingMessage; readonly share: BodyShare },
  answer: ClientAnswer,
  record: RequestRecord,
  signal: AbortSignal,
): Promise<void> {
  const { headers } = incoming;
  const body = await readJsonBody(incoming, parts.maxBodyBytes, share);
  record.readNs = parts.clock.nowNs();
  const request = readClientRequest(record.route, body, headers);
  record.model = request.model;
  record.stream = request.stream;
  if (request.maxTokens !== undefined) record.maxTokens = request.maxTokens;
  const served = await servedBy(parts.models, request.model);
  signal.throwIfAborted();
  const source = sourceOf(request, served.isAdapter);
  const prompt = await readPrompt(parts, source, signal);
  record.inputTokens = prompt.inputTokens;
  signal.throwIfAborted();
  const { workers } = served;
  await new Journey(
    parts,
    { request, headers, source, prompt, workers, answer, record },
    signal,
  ).run();
}

async function servedBy(models: ModelBook, model: string): Promise<ServedBy> {
  const served = models.knownEnginesOf(model) ?? (await models.enginesOf(model));
  if (served !== undefined) return served;
  const message = `The model \`${model}\` does not exist. Valid aliases: ${models.ids.join(', ')}.`;
  throw new HttpFailure(404, message, { param: 'model' });
}

function sourceOf(request: ClientRequest, isAdapter: boolean): PromptSource {
  const { route, body, model, nvext, cacheSalt } = request;
  return {
    route,
    body,
    model,
    ...(nvext.tokenIds !== undefined && { tokenIds: nvext.tokenIds }),
    salt: {
      ...(isAdapter && { loraName: model }),
      ...(cacheSalt !== undefined && { cacheNamespace: cacheSalt }),
    },
  };
}

/** A prompt whose blocks nobody knows is taken for one that nobody has cached. */
async function readPrompt(
  parts: GenerationParts,
  source: PromptSource,
  signal: AbortSignal,
): Promise<PromptBlocks> {
  try {
    return (await parts.prompts.read(source, signal)) ?? { inputTokens: 1, hashes: [] };
  } catch (error) {
    if (error instanceof BadPrompt)
      throw new HttpFailure(400, error.message, { param: error.param });
    throw error;
  }
}

/** Tells the client what hindered its answer, as far as it can still be told. */
function conclude(
  parts: GenerationParts,
  error: unknown,
  answer: ClientAnswer,
  record: RequestRecord,
): void {
  record.outcome = outcomeOf(error);
  if (error instanceof RateLimited) record.limit = error.limit;
  record.fault ??= faultOf(error, record.outcome);
  if (error instanceof ClientGone) return;
  if (record.outcome === 'router_failed') parts.report(error);
  if (error instanceof EngineFailure && error.reply !== undefined && !answer.hasBegun) {
    const { status, headers, body } = error.reply;
    answer.send(status, { 'content-type': headers['content-type'] ?? 'application/json' }, body);
    return;
  }
  if (!answer.hasBegun) answer.fail(told(error));
  else if (error instanceof EngineFailure && error.isTold) answer.end();
  else answer.breakOff(record.stream, reasonOf(error));
}

/** Why an answer breaks off, as JSON: in the engine's words where it has said so. */
function reasonOf(error: unknown): string {
  const isErred = error instanceof EngineFailure && error.fault === 'erred';
  return isErred ? error.reply!.body.toString() : told(error).body;
}

function told(error: unknown): HttpFailure {
  if (error instanceof CutOff) return new HttpFailure(503, error.message);
  if (!(error instanceof EngineFailure)) return failureOf(error);
  const engine = `engine ${error.engine ?? 'unknown'}`;
  if (error.fault === 'unreachable') return new HttpFailure(503, `${engine} cannot be reached`);
  if (error.fault === 'silent') return new HttpFailure(503, `${engine} does not answer`);
  if (error.fault === 'timeout') return new HttpFailure(504, `${engine} took too long`);
  if (error.reply !== undefined) {
    return new HttpFailure(502, `${engine} declined to go on: it answered ${error.reply.status}`);
  }
  return new HttpFailure(502, `${engine} broke off`);
}

/** For logs, which show nothing that a client wrote: only what we say ourselves is told as it is. */
function faultOf(error: unknown, outcome: RequestOutcome): string {
  if (error instanceof HttpFailure) return error.kind;
  if (!(error instanceof Error)) return 'unknown';
  return outcome === 'router_failed' ? error.name : error.message;
}

function outcomeOf(error: unknown): RequestOutcome {
  if (error instanceof ClientGone) return 'client_gone';
  if (error instanceof CutOff) return 'cut';
  if (error instanceof EngineFailure) return 'engine_failed';
  const { status } = failureOf(error);
  if (error instanceof RateLimited) return 'limited';
  if (error instanceof HttpFailure) return 'bad_request';
  return status === 500 ? 'router_failed' : 'refused';
}

/** The client's own, where it is one that headers and logs take; else a new one. */
function requestId({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && /^[\x21-\x7e]{1,128}$/.test(given) ? given : randomUUID();
}

function asText(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}
