import type { ServerResponse } from 'node:http';
import type { EngineLife } from '../engine-life.ts';
import { type Leg, type LegListener, openLeg } from '../hand-off/open-leg.ts';
import { type Answer, answerTo } from '../tokens/answer.ts';
import type { WorkerAsk } from '../worker-ask.ts';
import type { AnswerHead, AnswerPiece, AnswerShapes, AnswerUsage } from './answer-shapes.ts';
import { shapesOf } from './backend-shapes.ts';
import type { GenerateBody } from './generate-body.ts';
import { badRequest, type Problem, problem } from './problem.ts';
import { sendJson } from './send-json.ts';
import { EventStream } from './stream.ts';

/** One choice of an answer on its way. */
interface Choice {
  readonly index: number;
  readonly prompt: Uint32Array;
  readonly answer: Answer;
  leg: Leg | undefined;
  /** Tokens that have come out. */
  sent: number;
  textOffset: number;
}

/** A request for answers, from the engine's first token to its last, on one HTTP response. */
export class Generation {
  readonly #life: EngineLife;
  readonly #shapes: AnswerShapes;
  readonly #body: GenerateBody;
  readonly #head: AnswerHead;
  readonly #response: ServerResponse;
  readonly #choices: readonly Choice[];
  #stream: EventStream | undefined;
  #left: number;
  /** What the engine that decodes is to be given. */
  #kvTransferParams: object | null = null;
  /** Tokens after which the connection is cut; undefined = it is not. */
  readonly #breaksOffAfter: number | undefined;

  constructor(life: EngineLife, body: GenerateBody, id: string, response: ServerResponse) {
    this.#life = life;
    this.#shapes = shapesOf(life.options.backend);
    this.#breaksOffAfter = life.faults.breaksOffAfter();
    this.#body = body;
    this.#response = response;
    const { kind, model, returnTokenIds, logprobs, includeUsage } = body;
    const created = Math.floor(Date.now() / 1000);
    this.#head = { kind, id, created, model, returnTokenIds, logprobs, includeUsage };
    this.#choices = body.prompts.flatMap((prompt, number) =>
      Array.from({ length: body.n }, (_, variant) => ({
        index: number * body.n + variant,
        prompt,
        answer: answerTo(prompt, {
          maxTokens: life.options.role === 'prefill' ? 1 : body.maxTokens[number]!,
          ...(body.endsAfter !== undefined && { endsAfter: body.endsAfter }),
          stop: body.stop,
          stopTokenIds: body.stopTokenIds,
          variant: body.temperature === 0 ? 0 : variant + body.seed,
        }),
        leg: undefined,
        sent: 0,
        textOffset: 0,
      })),
    );
    this.#left = this.#choices.length;
  }

  /** Asks the engine, and answers as it does; ends by itself. */
  start(rank: number | undefined): void {
    if (this.#body.stream) this.#openStream();
    this.#response.once('close', () => this.#cancel());
    this.#life.worker.together(() => this.#ask(rank));
  }

  #ask(rank: number | undefined): void {
    for (const choice of this.#choices) {
      const { kvTransferParams, bootstraps, n } = this.#body;
      const bootstrap = bootstraps?.[Math.floor(choice.index / n)];
      const ask = this.#askFor(choice, rank);
      const fields = { kvTransferParams, bootstrap };
      choice.leg = openLeg(this.#life, fields, ask, this.#listen(choice));
    }
  }

  #askFor({ index, prompt, answer }: Choice, rank: number | undefined): WorkerAsk {
    const { salt, priority, maxTokens, n } = this.#body;
    return {
      prompt,
      answer: answer.tokens,
      finishReason: answer.finishReason,
      maxTokens: maxTokens[Math.floor(index / n)]!,
      salt,
      priority,
      ...(rank !== undefined && { rank }),
    };
  }

  #openStream(): void {
    this.#stream = new EventStream(this.#response);
    for (const { index, prompt } of this.#choices) {
      const opening = this.#shapes.opening(this.#head, index, this.#told(prompt));
      if (opening !== undefined) this.#stream.send(opening);
    }
  }

  #listen(choice: Choice): LegListener {
    return {
      tokens: (count) => this.#tokens(choice, count),
      completed: () => this.#ended(),
      rejected: () => this.#fail(badRequest('The request does not fit into the KV cache')),
      handedOver: (params) => {
        this.#kvTransferParams = params;
      },
      failed: (why) => this.#fail(problem(500, 'InternalServerError', `KV load failed: ${why}`)),
    };
  }

  #tokens(choice: Choice, count: number): void {
    const from = choice.sent;
    choice.sent += count;
    if (choice.sent > (this.#breaksOffAfter ?? Number.POSITIVE_INFINITY)) {
      this.#response.destroy();
      return;
    }
    if (this.#stream === undefined) return;
    const piece = this.#piece(choice, from, choice.sent);
    choice.textOffset += piece.texts.join('').length;
    const usage = this.#body.continuousUsage
      ? {
          promptTokens: choice.prompt.length,
          completionTokens: choice.sent,
          cachedTokens: undefined,
        }
      : undefined;
    this.#stream.send(this.#shapes.piece(this.#head, piece, usage));
  }

  #piece({ index, prompt, answer, textOffset }: Choice, from: number, to: number): AnswerPiece {
    const isLast = to === answer.tokens.length;
    return {
      index,
      tokens: [...answer.tokens.subarray(from, to)],
      texts: answer.texts.slice(from, to),
      promptTokens: from === 0 ? this.#told(prompt) : undefined,
      textOffset,
      finishReason: isLast ? answer.finishReason : null,
      stopReason: isLast ? answer.stopReason : null,
    };
  }

  /** A prompt as it is told, if it is. */
  #told(prompt: Uint32Array): readonly number[] | undefined {
    return this.#body.returnTokenIds ? [...prompt] : undefined;
  }

  #ended(): void {
    if (--this.#left > 0) return;
    const shapes = this.#shapes;
    const usage = this.#usage();
    if (this.#stream !== undefined) {
      if (this.#body.includeUsage) this.#stream.send(shapes.closing(this.#head, usage));
      this.#stream.done();
      return;
    }
    const pieces = this.#choices.map((choice) =>
      this.#piece({ ...choice, textOffset: 0 }, 0, choice.sent),
    );
    sendJson(this.#response, 200, shapes.whole(this.#head, pieces, usage, this.#kvTransferParams));
  }

  #usage(): AnswerUsage {
    const sum = (of: (choice: Choice) => number): number =>
      this.#choices.reduce((total, choice) => total + of(choice), 0);
    const prompts = this.#choices.filter(({ index }) => index % this.#body.n === 0);
    return {
      promptTokens: prompts.reduce((total, { prompt }) => total + prompt.length, 0),
      completionTokens: sum(({ sent }) => sent),
      cachedTokens: this.#life.options.promptTokensDetails
        ? prompts.reduce((total, { leg }) => total + leg!.cachedTokens, 0)
        : undefined,
    };
  }

  #fail(fault: Problem): void {
    this.#cancel();
    if (this.#stream !== undefined) {
      this.#stream.send(fault.body);
      this.#stream.done();
    } else if (!this.#response.headersSent) {
      sendJson(this.#response, fault.status, fault.body);
    }
  }

  /** The client has gone, or the rest is of no use. */
  #cancel(): void {
    for (const { leg } of this.#choices) leg?.cancel();
  }
}
