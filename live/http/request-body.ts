import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { JsonObject } from '#live/bytes/json-object.ts';
import { JsonFault } from '#live/bytes/json-scan.ts';
import type { BodyShare } from './body-budget.ts';
import { HttpFailure } from './http-failure.ts';

/** The client has left; nobody waits for an answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';

  constructor() {
    super('the client has left');
  }
}

/**
 * Reads the JSON object that a client sends, up to so many bytes, which are taken from the share of a
 * budget as they come. Throws an `HttpFailure` or `ClientGone`.
 */
export async function readJsonBody(
  request: IncomingMessage,
  maxBytes: number,
  share: BodyShare,
): Promise<JsonObject> {
  refuseOtherMedia(request);
  const bytes = await readBytes(request, maxBytes, share);
  if (bytes.length === 0) throw badBody('the body is empty; send a JSON object', 'body');
  if (!isUtf8(bytes)) throw badBody('the body is no UTF-8');
  try {
    return new JsonObject(bytes);
  } catch (error) {
    if (error instanceof JsonFault)
      throw badBody(`JSON decode error: ${error.message}`, `body.${error.at}`);
    throw error;
  }
}

function refuseOtherMedia(request: IncomingMessage): void {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type)) {
    throw badBody("Unsupported Media Type: Only 'application/json' is allowed");
  }
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    throw new HttpFailure(415, `the body is encoded as ${encoding}; send it as it is`);
  }
}

function badBody(message: string, param?: string): HttpFailure {
  return new HttpFailure(400, message, { param, type: 'Bad Request' });
}

/** What is too large is refused before it is read; the connection cannot be used again then. */
function readBytes(request: IncomingMessage, maxBytes: number, share: BodyShare): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > maxBytes) return Promise.reject(tooLarge(maxBytes));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      try {
        if (bytes > maxBytes) throw tooLarge(maxBytes);
        share.take(chunk.length);
      } catch (refusal) {
        request.removeAllListeners('data').pause();
        reject(refusal as HttpFailure);
        return;
      }
      chunks.push(chunk);
    });
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    request.on('error', () => reject(new ClientGone()));
    request.on('close', () => {
      if (!request.complete) reject(new ClientGone());
    });
  });
}

function tooLarge(maxBytes: number): HttpFailure {
  const headers = { connection: 'close' };
  return new HttpFailure(413, `the body is larger than ${maxBytes} bytes`, { headers });
}
