import type { Ns } from '#core/base/time.ts';
import type { GenerationRoute } from './client-request.ts';

/** How a request ended. */
export type RequestOutcome =
  /** The client has the whole answer of an engine, errors that the engine found included. */
  | 'complete'
  /** The client left before. */
  | 'client_gone'
  /** What it sent could not be used. */
  | 'bad_request'
  /** It came while a limit of the config was met. */
  | 'limited'
  /** The router found no engine for it. */
  | 'refused'
  /** Engines failed it, and no other could help. */
  | 'engine_failed'
  /** It was cut off when the router shut down. */
  | 'cut'
  /** A fault of the router itself. */
  | 'router_failed';

/** All there is to tell of one request, filled in on its way; −1 = not known, or never happened. */
export interface RequestRecord {
  readonly id: string;
  readonly route: GenerationRoute;
  readonly receivedNs: Ns;
  /** The W3C `traceparent` header that it came with. */
  readonly traceparent?: string;
  /** Whose key it brought. */
  client?: string;
  tenant?: string;
  model: string;
  stream: boolean;
  /** The engine that answers, and the one that computed the prompt where that is another. */
  engine?: string;
  rank: number;
  prefillEngine?: string;
  status: number;
  outcome: RequestOutcome;
  /** The limit that it met, as the config names it. */
  limit?: string;
  /** What went wrong, for logs; never a part of the prompt. */
  fault?: string;
  inputTokens: number;
  maxTokens: number;
  outputTokens: number;
  /** Prompt tokens that the engine says it had cached. */
  cachedTokens: number;
  /** Blocks that the router thought cached. */
  overlapBlocks: number;
  queuedNs: Ns;
  /** The body was read. */
  readNs: Ns;
  /** The first decision was made. */
  routedNs: Ns;
  /** The first byte of the answer, and the first token in it. */
  firstByteNs: Ns;
  firstTokenNs: Ns;
  endedNs: Ns;
  /** Engines that it was sent to again because others failed. */
  retries: number;
  migrations: number;
  /** Events of the stream that were no JSON. */
  brokenEvents: number;
}

/** The record of a request that has just come in. */
export function newRecord(
  route: GenerationRoute,
  id: string,
  receivedNs: Ns,
  traceparent: string | undefined,
): RequestRecord {
  return {
    id,
    route,
    receivedNs,
    ...(traceparent !== undefined && { traceparent }),
    model: '',
    stream: false,
    rank: -1,
    status: -1,
    outcome: 'router_failed',
    inputTokens: -1,
    maxTokens: -1,
    outputTokens: 0,
    cachedTokens: -1,
    overlapBlocks: -1,
    queuedNs: -1,
    readNs: -1,
    routedNs: -1,
    firstByteNs: -1,
    firstTokenNs: -1,
    endedNs: -1,
    retries: 0,
    migrations: 0,
    brokenEvents: 0,
  };
}
