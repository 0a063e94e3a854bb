import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import type { EngineEndpoint } from '#live/routing/route-ask.ts';
import type { EngineLine } from './engine-lines.ts';

/** Headers of one connection (RFC 9110 §7.6.1), which end with it. */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** Headers that the router has read, or that it writes itself. */
const TAKEN = new Set([
  ...HOP_BY_HOP,
  'accept-encoding',
  'authorization',
  'content-length',
  'expect',
  'host',
  'x-request-id',
  'x-data-parallel-rank',
]);

const ENDS_HERE = new Set(HOP_BY_HOP);

/** What else decides about the headers to an engine. */
export interface PassedRequest {
  readonly id: string;
  /** Whether the client's key is the router's business, so that no engine sees it. */
  readonly keysEndHere: boolean;
  /** In place of the one that the client sent, if any. */
  readonly traceparent: string | undefined;
}

/**
 * The headers of a request as an engine gets them: the client's own, without those of its connection
 * and Dynamo's hints; the engine's key; the rank that it shall use. The answer must come uncompressed,
 * since it is read on its way.
 */
export function engineHeaders(
  client: IncomingHttpHeaders,
  { id, keysEndHere, traceparent }: PassedRequest,
  { engine, adapter, settings }: EngineLine,
  rank: number,
): Record<string, string> {
  const headers: Record<string, string> = { 'accept-encoding': 'identity', 'x-request-id': id };
  const named = (client.connection ?? '').toLowerCase().split(/\s*,\s*/);
  for (const [name, value] of Object.entries(client)) {
    if (TAKEN.has(name) || name.startsWith('x-dynamo-') || named.includes(name)) continue;
    headers[name] = Array.isArray(value) ? value.join(', ') : (value ?? '');
  }
  if (traceparent !== undefined) headers.traceparent = traceparent;
  if (settings.apiKey !== undefined) headers.authorization = `Bearer ${settings.apiKey.reveal()}`;
  else if (!keysEndHere && client.authorization !== undefined)
    headers.authorization = client.authorization;
  if (settings.dynamoWorker !== undefined) {
    headers['x-dynamo-worker-instance-id'] = settings.dynamoWorker;
    if (engine.dpSize > 1) headers['x-dynamo-dp-rank'] = String(rank);
  }
  const { rankHeader } = adapter;
  if (rankHeader !== undefined && engine.dpSize > 1) headers[rankHeader] = String(rank);
  else if (rankHeader !== undefined && client[rankHeader] !== undefined) {
    headers[rankHeader] = String(client[rankHeader]);
  }
  return headers;
}

/** Who answers, for those who want to know. */
export interface AnsweredBy {
  readonly id: string;
  readonly engine: EngineEndpoint;
  readonly rank: number;
  readonly overlapBlocks: number;
  readonly queuedNs: number;
  /** Hints that changed nothing. */
  readonly ignored: readonly string[];
  /** The answer is changed on its way, so that its length is not the engine's. */
  readonly isRewritten: boolean;
}

/** The headers of an answer as the client gets them: the engine's own, and who that was. */
export function clientHeaders(engine: IncomingHttpHeaders, by: AnsweredBy): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(engine)) {
    if (ENDS_HERE.has(name) || value === undefined) continue;
    if (by.isRewritten && name === 'content-length') continue;
    headers[name] = value;
  }
  headers['x-request-id'] ??= by.id;
  headers['x-windtunnel-engine'] = by.engine.name;
  headers['x-windtunnel-rank'] = String(by.rank);
  headers['x-windtunnel-overlap-blocks'] = String(by.overlapBlocks);
  headers['x-windtunnel-queued-ms'] = String(Math.round(by.queuedNs / 1e6));
  if (by.ignored.length > 0) headers['x-windtunnel-ignored'] = by.ignored.join(', ');
  return headers;
}
