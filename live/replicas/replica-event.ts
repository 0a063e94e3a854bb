import { NS_PER_S, type Ns } from '#core/base/time.ts';
import { DecodeError } from '../events/decode/decode-error.ts';
import {
  type Fields,
  isFields,
  readCount,
  readHash,
  readList,
  readText,
} from '../events/decode/fields.ts';
import { unpack } from '../events/decode/unpack.ts';
import { type Packable, pack } from '../events/dynamo/pack.ts';

/** The topic on which routers tell each other of their requests. */
export const REPLICA_TOPIC = 'active_sequences_events';

/** What a router books for a request that it has sent to a worker. */
export interface AddedRequest {
  /** Sequence hashes of the prompt's full blocks; undefined where blocks are not tracked. */
  readonly hashes: readonly bigint[] | undefined;
  /** Prompt tokens count as load; true when absent on the wire. */
  readonly tracksPrefill: boolean;
  readonly expectedOutputTokens: number | undefined;
  /** Prompt tokens that the worker has to compute, and how long that should take; may be unknown. */
  readonly prefillTokens: number | undefined;
  readonly expectedPrefillNs: Ns | undefined;
}

/** One thing that a router tells of a request (Dynamo, lib/kv-router/src/sequences). */
export interface ReplicaEvent {
  readonly id: string;
  readonly worker: bigint;
  readonly rank: number;
  /** Who speaks. */
  readonly router: bigint;
  readonly loraName: string | undefined;
  readonly data: AddedRequest | 'prefilled' | 'freed';
}

/** The events of a payload, and how many of them were none. */
export interface DecodedEvents {
  readonly events: readonly ReplicaEvent[];
  readonly unreadable: number;
}

const WORDS = { prefilled: 'MarkPrefillCompleted', freed: 'Free' } as const;
const MOST_ID_CHARACTERS = 512;
/** Prompts of 16 million tokens in blocks of 16. */
const MOST_BLOCKS = 2 ** 20;
const MOST_TOKENS = 2 ** 31 - 1;

/** The payload over ZMQ: events that have gathered. */
export function encodeReplicaBatch(events: readonly ReplicaEvent[]): Uint8Array {
  return pack({ events: events.map(plainEvent) });
}

/** The payload over NATS: one event. */
export function encodeReplicaEvent(event: ReplicaEvent): Uint8Array {
  return pack(plainEvent(event));
}

/** Reads either payload; throws a `DecodeError` where it is neither. An event that is none costs no other. */
export function decodeReplicaEvents(payload: Uint8Array): DecodedEvents {
  const value = unpack(payload);
  if (!isFields(value)) throw new DecodeError('a message must be a map', value);
  const list = value.events === undefined ? [value] : readList(value.events, 'events');
  const events: ReplicaEvent[] = [];
  let unreadable = 0;
  for (const item of list) {
    try {
      events.push(readEvent(item));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      unreadable++;
    }
  }
  return { events, unreadable };
}

function plainEvent({ id, worker, rank, router, loraName, data }: ReplicaEvent): Packable {
  return {
    request_id: id,
    worker: { worker_id: worker, dp_rank: rank },
    data: typeof data === 'string' ? WORDS[data] : { AddRequest: plainAdded(data) },
    router_id: router,
    lora_name: loraName ?? null,
  };
}

function plainAdded(added: AddedRequest): Packable {
  const { prefillTokens, expectedPrefillNs: ns } = added;
  const duration =
    ns === undefined ? null : { secs: Math.floor(ns / NS_PER_S), nanos: ns % NS_PER_S };
  const hint = {
    initial_effective_prefill_tokens: prefillTokens ?? 0,
    expected_prefill_duration: duration,
  };
  return {
    token_sequence: added.hashes ?? null,
    track_prefill_tokens: added.tracksPrefill,
    expected_output_tokens: added.expectedOutputTokens ?? null,
    prefill_load_hint: prefillTokens === undefined ? null : hint,
  };
}

function readEvent(value: unknown): ReplicaEvent {
  if (!isFields(value) || !isFields(value.worker)) {
    throw new DecodeError('an event must be a map with a worker', value);
  }
  const id = readText(value.request_id, 'request_id');
  if (id === undefined || id.length > MOST_ID_CHARACTERS) {
    throw new DecodeError(`request_id must have 1 to ${MOST_ID_CHARACTERS} characters`, id);
  }
  return {
    id,
    worker: readHash(value.worker.worker_id),
    rank: readCount(value.worker.dp_rank, 'dp_rank') ?? 0,
    router: readHash(value.router_id),
    loraName: readText(value.lora_name, 'lora_name'),
    data: readData(value.data),
  };
}

function readData(data: unknown): ReplicaEvent['data'] {
  if (data === WORDS.prefilled) return 'prefilled';
  if (data === WORDS.freed) return 'freed';
  if (isFields(data) && isFields(data.AddRequest)) return readAdded(data.AddRequest);
  throw new DecodeError(`data must be AddRequest, ${WORDS.prefilled} or ${WORDS.freed}`, data);
}

function readAdded(added: Fields): AddedRequest {
  const { token_sequence: sequence, track_prefill_tokens: tracks, prefill_load_hint: hint } = added;
  const known = isFields(hint) ? hint : undefined;
  return {
    hashes: sequence === null || sequence === undefined ? undefined : readSequence(sequence),
    tracksPrefill: tracks !== false,
    expectedOutputTokens: readCount(added.expected_output_tokens, 'expected_output_tokens'),
    prefillTokens: readTokens(known?.initial_effective_prefill_tokens),
    expectedPrefillNs: readDuration(known?.expected_prefill_duration),
  };
}

function readSequence(value: unknown): readonly bigint[] {
  const list = readList(value, 'token_sequence');
  if (list.length > MOST_BLOCKS) throw new DecodeError('token_sequence is too long', list.length);
  return list.map(readHash);
}

function readTokens(value: unknown): number | undefined {
  const tokens = readCount(value, 'initial_effective_prefill_tokens');
  if (tokens !== undefined && tokens > MOST_TOKENS) throw new DecodeError('too many tokens', value);
  return tokens;
}

function readDuration(value: unknown): Ns | undefined {
  if (!isFields(value)) return undefined;
  const secs = readCount(value.secs, 'secs') ?? 0;
  return secs * NS_PER_S + (readCount(value.nanos, 'nanos') ?? 0);
}
