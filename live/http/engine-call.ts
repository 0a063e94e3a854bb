import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { EngineFailure, type EngineFault, type EngineReply } from './engine-failure.ts';
import type { EngineLine } from './engine-lines.ts';

export interface EngineCall {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** The valve of an answer: whoever cannot take more closes it. */
export interface Flow {
  pause(): void;
  resume(): void;
}

/** Who takes an answer, piece by piece. */
export interface AnswerSink {
  head(status: number, headers: IncomingHttpHeaders, flow: Flow): void;
  data(chunk: Buffer): void;
}

/**
 * Sends a request to an engine. Resolves when the answer is over; rejects with an `EngineFailure`,
 * or at once with the signal's reason when that aborts: the connection is closed then, which engines
 * take as an abort.
 */
export function callEngine(
  line: EngineLine,
  call: EngineCall,
  sink: AnswerSink,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    const settle = (act: () => void): void => {
      signal.removeEventListener('abort', abort);
      act();
    };
    const abort = (): void => {
      settle(() => reject(signal.reason as Error));
      controller?.abort(signal.reason as Error);
    };
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    signal.addEventListener('abort', abort);
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(started) {
        controller = started;
        if (signal.aborted) started.abort(signal.reason as Error);
      },
      onResponseStart(flow, status, headers) {
        if (status >= 200 && !signal.aborted) sink.head(status, headers, flow);
      },
      onResponseData(_flow, chunk) {
        if (!signal.aborted) sink.data(chunk);
      },
      onResponseEnd: () => settle(resolve),
      onResponseError: (_flow, error) => settle(() => reject(engineFailure(error))),
    };
    const { path, headers, body } = call;
    line.pool.dispatch({ path: line.prefix + path, method: 'POST', headers, body }, handler);
  });
}

/** Sends a request and keeps the whole answer, up to so many bytes. */
export async function askWhole(
  line: EngineLine,
  call: EngineCall,
  maxBytes: number,
  signal: AbortSignal,
): Promise<EngineReply> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let head: { readonly status: number; readonly headers: IncomingHttpHeaders } | undefined;
  const sink: AnswerSink = {
    head: (status, headers) => {
      head = { status, headers };
    },
    data: (chunk) => {
      bytes += chunk.length;
      if (bytes > maxBytes)
        throw new EngineFailure('broken', `an answer of more than ${maxBytes} bytes`);
      chunks.push(chunk);
    },
  };
  await callEngine(line, call, sink, signal);
  if (head === undefined) throw new EngineFailure('broken', 'an answer without a head');
  return { ...head, body: Buffer.concat(chunks) };
}

const FAULTS: Readonly<Record<string, EngineFault>> = {
  ECONNREFUSED: 'unreachable',
  ENOTFOUND: 'unreachable',
  EAI_AGAIN: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  UND_ERR_CONNECT_TIMEOUT: 'unreachable',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  UND_ERR_SOCKET: 'reset',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
};

function engineFailure(error: Error): EngineFailure {
  if (error instanceof EngineFailure) return error;
  const { code } = error as NodeJS.ErrnoException;
  const isTls = /CERT|TLS|SSL/.test(code ?? '');
  return new EngineFailure(isTls ? 'unreachable' : (FAULTS[code ?? ''] ?? 'broken'), error.message);
}
