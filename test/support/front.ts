import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'undici';
import { resolveServe } from '#core/config/serve/resolve-serve.ts';
import { startClock } from '#live/clock.ts';
import { Availability } from '#live/engines/availability.ts';
import type { EngineSettings } from '#live/engines/engine-settings.ts';
import { type Front, startFront } from '#live/http/front.ts';
import type { FrontTelemetry } from '#live/http/front-telemetry.ts';
import type { RequestRecord } from '#live/http/request-record.ts';
import type { Dispatcher, EngineEndpoint } from '#live/routing/route-ask.ts';
import { firstOf } from '#live/tokens/prompt-reader.ts';
import { textPrefixReader } from '#live/tokens/text-prefix-reader.ts';
import { tokenIdsReader } from '#live/tokens/token-ids-reader.ts';
import { CountingDispatcher } from './counting-dispatcher.ts';

/** A front before engines, with what came of its requests. */
export interface TestFront {
  readonly front: Front;
  readonly dispatcher: CountingDispatcher;
  readonly records: readonly RequestRecord[];
  /** Resolves with the record of the request that ends as number `at`. */
  record(at: number): Promise<RequestRecord>;
  readonly faults: readonly unknown[];
  /** Statuses of connections that never were a request. */
  readonly refusals: readonly number[];
  readonly availability: Availability;
}

export interface TestFrontOptions {
  /** Sections of `serve.yaml`. */
  readonly config?: object;
  readonly engines: readonly EngineEndpoint[];
  readonly settings?: ReadonlyMap<string, EngineSettings>;
  readonly dispatcher?: Dispatcher;
  readonly folder?: string;
  /** In place of what keeps the records. */
  readonly telemetry?: FrontTelemetry;
}

/** An engine of a test. */
export function endpoint(
  name: string,
  url: string,
  more: Partial<EngineEndpoint> = {},
): EngineEndpoint {
  return {
    name,
    url,
    backend: 'vllm',
    worker: 0,
    target: 0,
    role: 'aggregated',
    dpSize: 1,
    ...more,
  };
}

/** Starts a front on a free port. */
export async function startTestFront(options: TestFrontOptions): Promise<TestFront> {
  const { engines, settings, folder } = options;
  const named = [{ name: 'x', url: 'http://127.0.0.1:1' }];
  const config = resolveServe({ http: { port: 0 }, engines: named, ...options.config });
  const records: RequestRecord[] = [];
  const waiting: { readonly at: number; readonly done: (record: RequestRecord) => void }[] = [];
  const faults: unknown[] = [];
  const refusals: number[] = [];
  const counting = new CountingDispatcher(engines);
  const availability = new Availability(() => undefined);
  const front = await startFront({
    config: { ...config, http: { ...config.http, port: 0 } },
    dispatcher: options.dispatcher ?? counting,
    engines: () => engines,
    ...(settings !== undefined && { settings }),
    ...(folder !== undefined && { folder }),
    availability,
    prompts: firstOf([tokenIdsReader(16), textPrefixReader(16)]),
    clock: startClock(),
    telemetry: options.telemetry ?? {
      connectionRefused: (status) => void refusals.push(status),
      requestEnded: (record) => {
        records.push(record);
        for (const { at, done } of waiting) if (at === records.length - 1) done(record);
      },
    },
    report: (fault) => faults.push(fault),
  });
  const record = (at: number): Promise<RequestRecord> =>
    records[at] === undefined
      ? new Promise((done) => waiting.push({ at, done }))
      : Promise.resolve(records[at]);
  return { front, dispatcher: counting, records, record, faults, refusals, availability };
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Sends a body, as JSON unless it is text, and reads the whole answer. */
export async function post(
  front: Front,
  path: string,
  body: object | string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const {
    statusCode,
    headers: got,
    body: answer,
  } = await request(front.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
  });
  return { status: statusCode, headers: got, text: await answer.text() };
}

/** Reads a page. */
export async function get(
  front: Front,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const { statusCode, headers: got, body } = await request(front.url + path, { headers });
  return { status: statusCode, headers: got, text: await body.text() };
}
