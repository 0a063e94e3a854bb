import { isRecord } from '#core/config/key-schema.ts';
import { parseExactly } from '../../events/exact-json.ts';

/** An endpoint of a component: who answers there, and how it is reached. */
interface RecordPlace {
  readonly namespace: string;
  readonly component: string;
  readonly endpoint: string;
  readonly instance: bigint;
}

/** A process that answers an endpoint over the request plane. */
export interface EndpointRecord extends RecordPlace {
  readonly kind: 'endpoint';
  /** Its transport and address, `tcp 127.0.0.1:38373`. */
  readonly reachedBy: string;
}

/** The model card of an instance, as far as a router asks for it. */
export interface ModelRecord extends RecordPlace {
  readonly kind: 'model';
  readonly model: string;
  /** The card is one of a LoRA adapter, not of the model itself. */
  readonly isAdapter: boolean;
  /** aggregated, prefill, decode, encode. */
  readonly workerType: string;
  readonly blockSize: number | undefined;
  readonly totalKvBlocks: number | undefined;
  readonly maxNumBatchedTokens: number | undefined;
  readonly firstRank: number;
  readonly ranks: number;
}

/** Where a publisher of the event plane is listened to. */
export interface ChannelRecord {
  readonly kind: 'channel';
  readonly namespace: string;
  readonly component: string;
  readonly endpoint: string;
  readonly topic: string;
  readonly transport: 'zmq' | 'other';
  /** The ZMQ address; empty for any other transport. */
  readonly address: string;
}

export type DynamoRecord = EndpointRecord | ModelRecord | ChannelRecord;

/**
 * One record of Dynamo's discovery, as 1.6.1 writes it (lib/runtime/src/discovery, JSON tagged by
 * `type`); undefined for a kind that is of no interest here. Throws an `Error` for what is no record.
 */
export function readRecord(text: string): DynamoRecord | undefined {
  const record = parseExactly(text);
  if (!isRecord(record)) throw new Error('a record must be a map');
  if (record.type === 'Endpoint') {
    return { kind: 'endpoint', ...placeOf(record), reachedBy: transportText(record.transport) };
  }
  if (record.type === 'Model') return { kind: 'model', ...placeOf(record), ...cardOf(record) };
  if (record.type === 'EventChannel') return channelOf(record);
  return undefined;
}

function placeOf(record: Readonly<Record<string, unknown>>): RecordPlace {
  const { instance_id: id } = record;
  if (typeof id !== 'bigint' && typeof id !== 'number') throw new Error('instance_id is no number');
  return {
    namespace: text(record, 'namespace'),
    component: text(record, 'component'),
    endpoint: text(record, 'endpoint'),
    instance: BigInt(id),
  };
}

/** `{"tcp": "host:port/path"}` or `{"nats_tcp": "subject"}`. */
function transportText(transport: unknown): string {
  if (!isRecord(transport)) return String(transport);
  const [kind = 'nothing'] = Object.keys(transport);
  const address = String(transport[kind] ?? '');
  return `${kind} ${kind === 'tcp' ? (address.split('/')[0] ?? '') : address}`;
}

function cardOf(record: Readonly<Record<string, unknown>>) {
  const card = record.card_json;
  if (!isRecord(card)) throw new Error('card_json is no map');
  const runtime = isRecord(card.runtime_config) ? card.runtime_config : {};
  return {
    model: text(card, 'display_name'),
    isAdapter: card.lora !== undefined && card.lora !== null,
    workerType:
      typeof card.worker_type === 'string' ? card.worker_type.toLowerCase() : 'aggregated',
    blockSize: count(card.kv_cache_block_size),
    totalKvBlocks: count(runtime.total_kv_blocks),
    maxNumBatchedTokens: count(runtime.max_num_batched_tokens),
    firstRank: Number(runtime.data_parallel_start_rank ?? 0),
    ranks: count(runtime.data_parallel_size) ?? 1,
  };
}

function channelOf(record: Readonly<Record<string, unknown>>): ChannelRecord | undefined {
  const { scope, transport } = record;
  // Channels of whole components and namespaces carry nothing that a worker says of its blocks.
  if (!isRecord(scope) || !isRecord(scope.endpoint)) return undefined;
  const { endpoint } = scope;
  const config = isRecord(transport) && isRecord(transport.config) ? transport.config : {};
  const isZmq = isRecord(transport) && transport.kind === 'Zmq';
  return {
    kind: 'channel',
    namespace: text(endpoint, 'namespace'),
    component: text(endpoint, 'component'),
    endpoint: text(endpoint, 'name'),
    topic: text(record, 'topic'),
    transport: isZmq ? 'zmq' : 'other',
    address: isZmq ? text(config, 'endpoint') : '',
  };
}

function text(record: Readonly<Record<string, unknown>>, key: string): string {
  const value = record[key];
  if (typeof value !== 'string') throw new Error(`${key} is no text`);
  return value;
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : undefined;
}
