import type { IncomingMessage } from 'node:http';
import { invalidBody, Problem, unsupportedMediaType } from './problem.ts';

/** More than any prompt: beyond it a body is refused before it is whole. */
const MOST_BYTES = 64 * 1024 * 1024;

type JsonObject = Readonly<Record<string, unknown>>;

/** TypeScript's library knows neither the third argument nor `rawJSON` yet. */
const losslessJson = JSON as unknown as {
  parse(
    text: string,
    revive: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): unknown;
};

/** The body of a request as an object; throws a `Problem` where it is none. */
export async function readJsonBody(request: IncomingMessage): Promise<JsonObject> {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/json\b/i.test(type)) throw unsupportedMediaType();
  const value = parseJson(await readText(request));
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as JsonObject;
  }
  const msg = 'Input should be a valid dictionary or object to extract fields from';
  throw invalidBody([{ type: 'model_attributes_type', loc: 'body', msg, input: value }]);
}

/** Any JSON, or undefined where there is no body. */
export async function readOptionalJson(request: IncomingMessage): Promise<unknown> {
  const text = await readText(request);
  return text.trim() === '' ? undefined : parseJson(text);
}

/** Integers beyond 2^53 come as `bigint`, where opaque blobs may hold such. */
function parseJson(text: string): unknown {
  try {
    if (!/\d{16}/.test(text)) return JSON.parse(text);
    return losslessJson.parse(text, (_key, value, { source }) =>
      typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source ?? '')
        ? BigInt(source!)
        : value,
    );
  } catch (error) {
    throw brokenJson(text, error as SyntaxError);
  }
}

/** JSON with `bigint`s as plain integers. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'bigint' ? losslessJson.rawJSON(String(part)) : part,
  );
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function tooLarge(): Problem {
  const message = `a body of more than ${MOST_BYTES} bytes`;
  return new Problem(413, { detail: 'Request Entity Too Large' }, message);
}

function brokenJson(text: string, error: SyntaxError): Problem {
  const at = /position (\d+)/.exec(error.message)?.[1] ?? String(text.length);
  const fault = { type: 'json_invalid', loc: `body.${at}`, msg: 'JSON decode error', input: {} };
  return invalidBody([{ ...fault, ctx: inPython(error.message) }]);
}

/** What Python's parser would have said. */
function inPython(message: string): string {
  if (/Expected ',' or/.test(message)) return "Expecting ',' delimiter";
  if (/property name/.test(message)) return 'Expecting property name enclosed in double quotes';
  if (/Expected ':'/.test(message)) return "Expecting ':' delimiter";
  if (/Unterminated string/.test(message)) return 'Unterminated string starting at';
  return 'Expecting value';
}
