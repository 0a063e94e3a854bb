import { JsonObject } from '#live/bytes/json-object.ts';
import { JsonFault } from '#live/bytes/json-scan.ts';
import type { HandOff, Rendezvous } from '#live/engines/adapter.ts';
import type { Placement } from '#live/routing/route-ask.ts';
import type { ClientAnswer } from './client-answer.ts';
import { batchOf, type ClientRequest } from './client-request.ts';
import { askWhole, declines, type EngineCall } from './engine-call.ts';
import { EngineFailure, type EngineReply } from './engine-failure.ts';
import type { EngineLine, EngineLines } from './engine-lines.ts';

/** A prefill leg answers one token and where its KV cache is; more than this is no such answer. */
const MAX_REPLY_BYTES = 16 * 1024 * 1024;

/** What a journey lends to a request of two legs. */
export interface LegTools {
  readonly request: ClientRequest;
  readonly answer: ClientAnswer;
  readonly lines: EngineLines;
  readonly signal: AbortSignal;
  plainBody(line: EngineLine): Buffer;
  callTo(line: EngineLine, rank: number, body: Uint8Array): EngineCall;
  /** The leg whose answer the client gets; without a body, all of the request. */
  decode(placement: Placement, body?: Uint8Array, signal?: AbortSignal): Promise<void>;
}

/**
 * Has the prompt computed by one engine and the answer given by another. When the first fails in a
 * way that says nothing of the request, an engine of the decode pool computes the prompt too.
 */
export async function rideLegs(prefill: Placement, tools: LegTools): Promise<void> {
  const line = tools.lines.lineTo(prefill.engine);
  const { handOff } = line.adapter;
  if (handOff === undefined) {
    const plain = await closing(prefill, () => prefill.fallBack(tools.signal));
    return tools.decode(plain);
  }
  const batch = batchOf(tools.request);
  const { engine, rank } = prefill;
  const leg = { url: engine.url, rank, dpSize: engine.dpSize, settings: line.settings };
  const rendezvous = handOff.rendezvous({ prefill: leg, ...(batch !== undefined && { batch }) });
  const body = new JsonObject(tools.plainBody(line));
  const legs: Legs = { prefill, line, handOff, rendezvous, body };
  return handOff.order === 'first' ? prefillFirst(legs, tools) : bothAtOnce(legs, tools);
}

interface Legs {
  readonly prefill: Placement;
  readonly line: EngineLine;
  readonly handOff: HandOff;
  readonly rendezvous: Rendezvous;
  readonly body: JsonObject;
}

async function prefillFirst(legs: Legs, tools: LegTools): Promise<void> {
  const { prefill } = legs;
  const { answer, signal } = tools;
  let body: Buffer | undefined;
  const decode = await closing(prefill, async () => {
    try {
      const reply = await askPrefill(legs, tools);
      if (reply.status >= 400) {
        answer.send(reply.status, { 'content-type': reply.headers['content-type'] }, reply.body);
        return undefined;
      }
      prefill.firstToken();
      body = handedOver(legs, reply);
    } catch (error) {
      if (!(error instanceof EngineFailure)) throw error;
    }
    return body === undefined ? prefill.fallBack(signal) : prefill.handOver(signal);
  });
  if (decode !== undefined) await tools.decode(decode, body);
}

/** An answer that is no JSON hands nothing over. */
function handedOver({ handOff, body, rendezvous }: Legs, reply: EngineReply): Buffer | undefined {
  try {
    return handOff.decodeBody(body, rendezvous, reply.body);
  } catch (error) {
    if (error instanceof JsonFault) return undefined;
    throw error;
  }
}

async function bothAtOnce(legs: Legs, tools: LegTools): Promise<void> {
  const { prefill, handOff, body, rendezvous } = legs;
  const { answer, signal } = tools;
  const decode = await prefill.handOver(signal).catch((error: unknown) => {
    prefill.ended();
    throw error;
  });
  const giveUp = new AbortController();
  let failure: EngineFailure | undefined;
  // The decode leg may be over first; the prefill leg is read to its end all the same.
  const prefilled = askPrefill(legs, tools).then(
    () => prefill.firstToken(),
    (error: unknown) => {
      if (error instanceof EngineFailure) failure = error;
      if (!answer.hasBegun) giveUp.abort(error);
    },
  );
  try {
    const both = AbortSignal.any([signal, giveUp.signal]);
    await tools.decode(decode, handOff.decodeBody(body, rendezvous), both);
  } catch (error) {
    if (failure === undefined || error !== failure || signal.aborted) throw error;
    const plain = await prefill.fallBack(signal);
    await tools.decode(plain);
  } finally {
    await prefilled;
    prefill.ended();
  }
}

/** The whole answer of the prefill leg. Rejects with an `EngineFailure` where another engine may help. */
function askPrefill(
  { prefill, line, handOff, body, rendezvous }: Legs,
  tools: LegTools,
): Promise<EngineReply> {
  const call = tools.callTo(line, prefill.rank, handOff.prefillBody(body, rendezvous));
  return tools.lines.using(line, async () => {
    const reply = await askWhole(line, call, MAX_REPLY_BYTES, tools.signal);
    if (declines(reply.status))
      throw new EngineFailure('declined', `it answered ${reply.status}`, reply);
    return reply;
  });
}

/** Tells the placement that it has ended, whatever comes of the act. */
async function closing<Result>(placement: Placement, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } finally {
    placement.ended();
  }
}
