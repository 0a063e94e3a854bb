import { JsonObject } from '#live/bytes/json-object.ts';
import { JsonFault } from '#live/bytes/json-scan.ts';
import type { HandOff, Rendezvous } from '#live/engines/adapter.ts';
import type { Placement } from '#live/routing/route-ask.ts';
import type { ClientAnswer } from './client-answer.ts';
import { batchOf, type ClientRequest } from './client-request.ts';
import { askWhole, type EngineCall } from './engine-call.ts';
import { declines, EngineFailure, type EngineReply } from './engine-failure.ts';
import type { EngineLine, EngineLines } from './engine-lines.ts';

/** A prefill leg answers one token and where its KV cache is; more than this is no such answer. */
const MAX_REPLY_BYTES = 16 * 1024 * 1024;

/** What a journey lends to a request of two legs. */
export interface LegTools {
  readonly request: ClientRequest;
  readonly answer: ClientAnswer;
  readonly lines: EngineLines;
  readonly signal: AbortSignal;
  /** What one engine alone would be asked for. Throws where this one cannot be asked at all. */
  plainBody(line: EngineLine): Buffer;
  callTo(line: EngineLine, rank: number, body: Uint8Array): EngineCall;
  /** The leg whose answer the client gets; without a body, that of `plainBody`. */
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
  if (handOff.order === 'together') {
    return closing(prefill, () => bothAtOnce(legsOf(prefill, line, handOff, tools), tools));
  }
  const handedOver = await closing(prefill, () =>
    prefillFirst(legsOf(prefill, line, handOff, tools), tools),
  );
  if (handedOver !== undefined) await tools.decode(handedOver.decode, handedOver.body);
}

interface Legs {
  readonly prefill: Placement;
  readonly line: EngineLine;
  readonly handOff: HandOff;
  readonly rendezvous: Rendezvous;
  readonly body: JsonObject;
}

function legsOf(prefill: Placement, line: EngineLine, handOff: HandOff, tools: LegTools): Legs {
  const batch = batchOf(tools.request);
  const { engine, rank } = prefill;
  const leg = { url: engine.url, rank, dpSize: engine.dpSize, settings: line.settings };
  const rendezvous = handOff.rendezvous({ prefill: leg, ...(batch !== undefined && { batch }) });
  const body = new JsonObject(tools.plainBody(line));
  return { prefill, line, handOff, rendezvous, body };
}

/** The leg that follows; undefined where the client has the prefill engine's refusal as its answer. */
async function prefillFirst(
  legs: Legs,
  tools: LegTools,
): Promise<{ readonly decode: Placement; readonly body?: Buffer } | undefined> {
  const { prefill } = legs;
  const { answer, signal } = tools;
  let body: Buffer | undefined;
  try {
    const reply = await askPrefill(legs, tools, signal);
    if (reply.status < 400) {
      prefill.firstToken();
      body = bodyAfter(legs, reply);
    } else if (!answer.hasBegun) {
      answer.send(reply.status, { 'content-type': reply.headers['content-type'] }, reply.body);
      return undefined;
    }
  } catch (error) {
    if (!(error instanceof EngineFailure)) throw error;
  }
  return body === undefined
    ? { decode: await prefill.fallBack(signal) }
    : { decode: await prefill.handOver(signal), body };
}

/** The decode leg's body; an answer that is no JSON hands nothing over. */
function bodyAfter({ handOff, body, rendezvous }: Legs, reply: EngineReply): Buffer | undefined {
  try {
    return handOff.decodeBody(body, rendezvous, reply.body);
  } catch (error) {
    if (error instanceof JsonFault) return undefined;
    throw error;
  }
}

/** A leg is called off because the other one has failed: no failing of the engine that it is at. */
class CalledOff extends Error {
  override readonly name = 'CalledOff';

  constructor() {
    super('the other leg has failed');
  }
}

async function bothAtOnce(legs: Legs, tools: LegTools): Promise<void> {
  const { prefill, handOff, body, rendezvous } = legs;
  const { answer, signal } = tools;
  const decode = await prefill.handOver(signal);
  const failed = new AbortController();
  const callOff = (): void => failed.abort(new CalledOff());
  const both = AbortSignal.any([signal, failed.signal]);
  // The decode leg may be over first; the prefill leg is read to its end all the same.
  const prefilled = askPrefill(legs, tools, both).then(
    ({ status }) => {
      if (status < 400) prefill.firstToken();
      else if (!answer.hasBegun) callOff();
    },
    () => {
      if (!answer.hasBegun) callOff();
    },
  );
  try {
    await tools.decode(decode, handOff.decodeBody(body, rendezvous), both);
  } catch (error) {
    if (!(error instanceof CalledOff)) {
      // Nobody will fetch the KV cache, which the prefill engine would wait for.
      callOff();
      throw error;
    }
    await tools.decode(await prefill.fallBack(signal));
  } finally {
    await prefilled;
  }
}

/** The whole answer of the prefill leg. Rejects with an `EngineFailure` where another engine may help. */
function askPrefill(
  { prefill, line, handOff, body, rendezvous }: Legs,
  tools: LegTools,
  signal: AbortSignal,
): Promise<EngineReply> {
  const call = tools.callTo(line, prefill.rank, handOff.prefillBody(body, rendezvous));
  const { answer, lines } = tools;
  return lines.using(line, {
    signal,
    mayLeave: () => !answer.hasBegun && lines.hasAvailable(({ role }) => role === 'decode'),
    act: async (until) => {
      const reply = await askWhole(line, call, MAX_REPLY_BYTES, until);
      if (declines(reply.status))
        throw new EngineFailure('declined', `it answered ${reply.status}`, reply);
      return reply;
    },
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
