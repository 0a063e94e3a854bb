import { type Dispatcher, request } from 'undici';
import { readCapped } from '#live/bytes/read-capped.ts';
import type { Secret } from './secret.ts';

/** Answers longer than this are cut off: no health, list or scrape of an engine needs more. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

export interface EngineQuestion {
  readonly url: string;
  readonly path: string;
  readonly timeoutMs: number;
  readonly apiKey?: Secret | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly dispatcher?: Dispatcher | undefined;
}

/** What an engine answers to a GET: its status and text. */
export interface EngineAnswer {
  readonly status: number;
  readonly text: string;
}

/** Asks an engine. Rejects when it cannot be reached, takes too long, says too much, or on the signal. */
export async function askEngine(question: EngineQuestion): Promise<EngineAnswer> {
  const { url, path, timeoutMs, apiKey, dispatcher } = question;
  const limit = AbortSignal.timeout(timeoutMs);
  const signal = question.signal === undefined ? limit : AbortSignal.any([limit, question.signal]);
  const { statusCode, body } = await request(url.replace(/\/$/, '') + path, {
    signal,
    headers: {
      accept: '*/*',
      ...(apiKey !== undefined && { authorization: `Bearer ${apiKey.reveal()}` }),
    },
    ...(dispatcher !== undefined && { dispatcher }),
  });
  const bytes = await readCapped(body, MAX_ANSWER_BYTES);
  return { status: statusCode, text: bytes.toString('utf8') };
}

/**
 * The JSON of an answer with status 200; undefined for any other, or none. Rejects only on the signal.
 */
export async function askForJson(question: EngineQuestion): Promise<unknown> {
  try {
    const { status, text } = await askEngine(question);
    return status === 200 ? (JSON.parse(text) as unknown) : undefined;
  } catch {
    question.signal?.throwIfAborted();
    return undefined;
  }
}
