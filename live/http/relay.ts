import type { Placement } from '#live/routing/route-ask.ts';
import { AnswerWatch } from './answer-watch.ts';
import type { ClientAnswer } from './client-answer.ts';
import { type AnswerSink, callEngine, type EngineCall, type Flow } from './engine-call.ts';
import { declines, EngineFailure, type EngineReply } from './engine-failure.ts';
import type { EngineLine } from './engine-lines.ts';
import { HttpFailure } from './http-failure.ts';
import { clientHeaders } from './passed-headers.ts';
import type { RequestRecord } from './request-record.ts';

/** A refusal longer than this is not passed on. */
const MAX_REFUSAL_BYTES = 64 * 1024;

const JSON_HEADERS = { 'content-type': 'application/json' };

/** What changes a stream on its way, where something has to. */
export interface StreamRewriter {
  /** What the client gets for these bytes. */
  push(chunk: Buffer): Buffer;
  /** Whether the engine has said that it cannot go on, which the client does not get, nor what follows. */
  readonly hasStopped: boolean;
}

export interface RelayOptions {
  readonly line: EngineLine;
  readonly call: EngineCall;
  readonly placement: Placement;
  readonly answer: ClientAnswer;
  readonly record: RequestRecord;
  readonly ignored: readonly string[];
  readonly rewriter?: StreamRewriter | undefined;
  /** Tokens of the answer that other engines have generated before. */
  readonly tokensBefore: number;
  /** More tokens than this the engine cannot have generated. */
  readonly mostTokens: number;
  readonly nowNs: () => number;
  readonly tokensCame: (tokens: number) => void;
  /** The engine has begun to answer, and declines nothing. */
  readonly answered: () => void;
}

/**
 * Passes a request to an engine and its answer to the client, byte for byte as it comes; what the
 * router learns it reads from a copy, after the client has its piece. Resolves when the answer is
 * over. Rejects with an `EngineFailure` when the engine fails or declines; whether the client has got
 * a byte by then `answer.hasBegun` tells.
 */
export async function relay(options: RelayOptions, signal: AbortSignal): Promise<void> {
  const sink = new RelaySink(options);
  try {
    await callEngine(options.line, options.call, sink, signal);
  } catch (error) {
    sink.over();
    throw (error instanceof EngineFailure && sink.erred) || error;
  }
  sink.over();
  const failure = sink.declined ?? sink.erred ?? sink.brokenOff;
  if (failure !== undefined) throw failure;
  options.answer.end();
}

class RelaySink implements AnswerSink {
  readonly #options: RelayOptions;
  #watch: AnswerWatch | undefined;
  /** Changes the answer, where it is a stream: what else an engine says passes as it is. */
  #rewriter: StreamRewriter | undefined;
  #flow: Flow | undefined;
  /** Only an event tells that the answer is whole: streams may end as connections do. */
  #mustSayEnd = false;
  #refusal: Buffer[] = [];
  #refusalBytes = 0;
  #refusalHead: { readonly status: number; readonly headers: RefusalHeaders } | undefined;
  #tokensTold = 0;

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  head(status: number, headers: RefusalHeaders, flow: Flow): void {
    const { answer, placement, record, rewriter, ignored } = this.#options;
    this.#flow = flow;
    // An answer that has begun elsewhere can only go on with one; no error may stand in its midst.
    if (answer.hasBegun ? status >= 400 : declines(status)) {
      this.#refusalHead = { status, headers };
      return;
    }
    this.#options.answered();
    const isStream = String(headers['content-type'] ?? '').startsWith('text/event-stream');
    this.#watch = new AnswerWatch(isStream, this.#options.mostTokens);
    this.#mustSayEnd = isStream && status < 400;
    this.#rewriter = isStream ? rewriter : undefined;
    const { engine, rank, overlapBlocks, queuedNs } = placement;
    const isRewritten = this.#rewriter !== undefined;
    const by = { id: record.id, engine, rank, overlapBlocks, queuedNs, ignored, isRewritten };
    answer.head(status, clientHeaders(headers, by));
  }

  data(chunk: Buffer): void {
    if (this.#refusalHead !== undefined) {
      this.#refusalBytes += chunk.length;
      if (this.#refusalBytes <= MAX_REFUSAL_BYTES) this.#refusal.push(chunk);
      return;
    }
    const { answer, record, nowNs } = this.#options;
    const passed = this.#rewriter === undefined ? chunk : this.#rewriter.push(chunk);
    if (passed.length > 0) answer.write(passed, this.#flow!);
    if (record.firstByteNs < 0) record.firstByteNs = nowNs();
    this.#watch!.push(chunk);
    this.#tell();
  }

  /** The answer has ended, well or not. */
  over(): void {
    if (this.#watch === undefined) return;
    this.#watch.end();
    const { record } = this.#options;
    record.brokenEvents += this.#watch.broken;
    if (this.#watch.cachedTokens >= 0) record.cachedTokens = this.#watch.cachedTokens;
    this.#tell();
  }

  /** The engine's refusal, when it answered with one that another engine may not have. */
  get declined(): EngineFailure | undefined {
    if (this.#refusalHead === undefined) return undefined;
    const { status, headers } = this.#refusalHead;
    const isWhole = this.#refusalBytes <= MAX_REFUSAL_BYTES;
    const reply = isWhole
      ? { status, headers, body: Buffer.concat(this.#refusal) }
      : replyOf(new HttpFailure(status, `engine ${this.#options.placement.engine.name} declined`));
    return new EngineFailure('declined', `it answered ${status}`, reply);
  }

  /** What the engine said in the midst of its answer. */
  get erred(): EngineFailure | undefined {
    const error = this.#watch?.error;
    if (error === undefined) return undefined;
    const { kind, status, data: body } = error;
    const failure = new EngineFailure('erred', kind, { status, headers: JSON_HEADERS, body });
    failure.isTold = this.#rewriter?.hasStopped !== true;
    return failure;
  }

  /** The connection ended well, and the answer did not. */
  get brokenOff(): EngineFailure | undefined {
    if (!this.#mustSayEnd || this.#watch!.isDone) return undefined;
    return new EngineFailure('reset', 'its stream ended without its last event');
  }

  #tell(): void {
    const { tokens } = this.#watch!;
    if (tokens <= this.#tokensTold) return;
    const { placement, record, nowNs, tokensBefore, tokensCame } = this.#options;
    if (record.firstTokenNs < 0) record.firstTokenNs = nowNs();
    if (this.#tokensTold === 0) placement.firstToken();
    placement.progress(tokens);
    tokensCame(tokens - this.#tokensTold);
    this.#tokensTold = tokens;
    record.outputTokens = tokensBefore + tokens;
  }
}

function replyOf({ status, body }: HttpFailure): EngineReply {
  return { status, headers: JSON_HEADERS, body: Buffer.from(body) };
}

type RefusalHeaders = Parameters<AnswerSink['head']>[1];
