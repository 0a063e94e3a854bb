import { randomBytes } from 'node:crypto';
import type { Ns } from '#core/base/time.ts';
import type { EngineLife } from '../engine-life.ts';
import type { AskListener, WorkerAsk } from '../worker-ask.ts';
import type { WorkerRequest } from '../worker-request.ts';
import { type KvSource, pullKv } from './pull.ts';
import { transferNs } from './transfer-time.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** Where two engines of SGLang meet over a request. */
export interface Bootstrap {
  readonly host: string;
  readonly port: number;
  readonly room: bigint;
}

/** What a request says of the engine before or after this one. */
export interface HandOffFields {
  /** As vLLM's routers pass it from the answer of one engine to the request of the other. */
  readonly kvTransferParams: JsonObject | undefined;
  readonly bootstrap: Bootstrap | undefined;
}

/** Hears what becomes of a leg. */
export interface LegListener extends AskListener {
  /** A prompt is held here; the next engine is to be given this. */
  handedOver(kvTransferParams: object): void;
  /** The prompt could not be copied from where it was computed. */
  failed(why: string): void;
}

/** A request on this engine, as its client can end it. */
export interface Leg {
  readonly cachedTokens: number;
  cancel(): void;
}

/** Serves a request, or the part of it that is this engine's by its role. */
export function openLeg(
  life: EngineLife,
  fields: HandOffFields,
  ask: WorkerAsk,
  listener: LegListener,
): Leg {
  const { role } = life.options;
  if (role === 'prefill') return openPrefill(life, fields, ask, listener);
  const source = role === 'decode' ? sourceOf(fields) : undefined;
  if (source === undefined) return life.worker.submit(ask, listener);
  return openDecode(life, source, ask, listener);
}

/** Where the prompt of a request is; undefined where it is to be computed here. */
function sourceOf({ kvTransferParams, bootstrap }: HandOffFields): KvSource | undefined {
  if (bootstrap !== undefined) {
    const { host, port, room } = bootstrap;
    return { url: `http://${host}:${port}`, key: `room ${room}`, waits: true };
  }
  if (kvTransferParams?.do_remote_prefill !== true) return undefined;
  const { remote_host: host, remote_port: port, remote_handle: handle } = kvTransferParams;
  return { url: `http://${host}:${port}`, key: `handle ${handle}`, waits: false };
}

function openPrefill(
  life: EngineLife,
  { kvTransferParams, bootstrap }: HandOffFields,
  ask: WorkerAsk,
  listener: LegListener,
): Leg {
  const { holds, worker } = life;
  const room = bootstrap && `room ${bootstrap.room}`;
  let isAnswered = false;
  const answer = (atNs: Ns): void => {
    if (isAnswered) return;
    isAnswered = true;
    listener.completed(atNs);
  };
  const request: WorkerRequest = worker.submit(ask, {
    tokens: (count, atNs) => listener.tokens(count, atNs),
    rejected: (atNs) => listener.rejected(atNs),
    // Let go of: its copy is made, or nobody has come for it.
    completed: answer,
    held: (atNs) => {
      if (room !== undefined) {
        // SGLang answers when the copy is made.
        holds.hold(room, () => request.release());
      } else if (kvTransferParams?.do_remote_decode === true) {
        const handle = randomBytes(8).readBigUInt64LE();
        holds.hold(`handle ${handle}`, () => request.release());
        listener.handedOver(remoteParams(life, handle, ask.prompt.length));
        answer(atNs);
      } else {
        request.release();
      }
    },
  });
  const cancel = (): void => {
    if (isAnswered) return;
    isAnswered = true;
    request.cancel();
    if (room !== undefined) holds.end(room);
  };
  return {
    get cachedTokens() {
      return request.cachedTokens;
    },
    cancel,
  };
}

/** What NixlConnector would say, and a handle that must arrive to the last bit. */
function remoteParams(life: EngineLife, handle: bigint, promptTokens: number): object {
  const blocks = Math.ceil(promptTokens / life.worker.engine.blockSize);
  const { hostname, port } = new URL(life.url);
  return {
    do_remote_prefill: true,
    do_remote_decode: false,
    remote_block_ids: Array.from({ length: blocks }, (_, block) => block),
    remote_engine_id: life.engineId,
    remote_host: hostname,
    remote_port: Number(port),
    tp_size: 1,
    remote_num_tokens: promptTokens,
    remote_handle: handle,
  };
}

function openDecode(
  life: EngineLife,
  source: KvSource,
  ask: WorkerAsk,
  listener: LegListener,
): Leg {
  const request = life.worker.reserve(ask, {
    ...listener,
    reserved: (missingTokens) => {
      const spanNs = transferNs(life.options.config, ask.prompt.length, missingTokens);
      pullKv(source, life.clockSpanNs(spanNs), life.clock).then(
        () => request.activate(),
        (error: Error) => {
          request.cancel();
          listener.failed(error.message);
        },
      );
    },
  });
  return request;
}
