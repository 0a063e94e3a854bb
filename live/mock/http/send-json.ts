import type { ServerResponse } from 'node:http';
import { toJson } from './read-body.ts';

/** A whole answer. Integers beyond 2^53 are `bigint`s. */
export function sendJson(response: ServerResponse, status: number, body: object): void {
  const text = toJson(body);
  response.writeHead(status, {
    'content-length': Buffer.byteLength(text),
    'content-type': 'application/json',
  });
  response.end(text);
}
