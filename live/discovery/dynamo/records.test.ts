import { expect, test } from 'vitest';
import { type DynamoChoice, enginesOfRecords } from './engines-of-records.ts';
import { type DynamoRecord, readRecord } from './records.ts';

const CHOICE: DynamoChoice = { endpoint: 'generate', frontend: 'http://f:1', readsNats: false };
const place = { namespace: 'dynamo', component: 'backend', endpoint: 'generate' };

function endpoint(id: bigint): string {
  return `{"type":"Endpoint","namespace":"dynamo","component":"backend","endpoint":"generate","instance_id":${id},"transport":{"tcp":"h:1/x"}}`;
}

function card(id: bigint, more: object = {}, model = 'tiny'): string {
  const card_json = { display_name: model, kv_cache_block_size: 16, ...more };
  const text = JSON.stringify({ type: 'Model', ...place, card_json });
  return `${text.slice(0, -1)},"instance_id":${id}}`;
}

function find(texts: readonly string[], choice: Partial<DynamoChoice> = {}) {
  const records = texts.map(readRecord).filter((one): one is DynamoRecord => one !== undefined);
  return enginesOfRecords(records, { ...CHOICE, ...choice });
}

test('a worker behind a frontend is an engine with what its card says, its id to the last digit', () => {
  const id = 2n ** 64n - 1n;
  const runtime_config = { total_kv_blocks: 64, data_parallel_size: 2 };
  const { engines, leftOut } = find([endpoint(id), card(id, { runtime_config })]);
  expect(leftOut).toEqual([]);
  expect(engines).toHaveLength(1);
  expect(engines[0]).toMatchObject({
    dynamoWorker: String(id),
    entry: {
      ...{ name: String(id), worker_id: String(id), url: 'http://f:1', backend: 'openai' },
      ...{ block_size: 16, num_gpu_blocks: 64, data_parallel_size: 2 },
    },
  });
});

const ranks = { runtime_config: { data_parallel_start_rank: 4 } };

test.each([
  ['it has no model card', [endpoint(1n)], {}],
  [
    "only Dynamo's request plane reaches it (tcp h:1): set discovery.dynamo.frontend",
    [endpoint(1n), card(1n)],
    { frontend: undefined },
  ],
  ['it is a prefill worker', [endpoint(1n), card(1n, { worker_type: 'Prefill' })], {}],
  ['its ranks begin with 4', [endpoint(1n), card(1n, ranks)], {}],
  [
    'there are several models: set discovery.dynamo.model to big or tiny',
    [endpoint(1n), card(1n), card(2n, {}, 'big')],
    {},
  ],
  ['it serves tiny', [endpoint(1n), card(1n)], { model: 'big' }],
])('%s: a worker is left out', (why, texts, choice) => {
  const { engines, leftOut } = find(texts, choice);
  expect(engines).toEqual([]);
  expect(leftOut).toHaveLength(1);
  expect(leftOut[0]!.why).toContain(why);
});

test('adapters are no models, and workers of other places are no news', () => {
  const adapter = card(1n, { lora: { name: 'law' } }, 'law');
  const { engines } = find([endpoint(1n), card(1n), adapter]);
  expect(engines[0]!.entry.lora_adapters).toEqual(['law']);
  expect(find([endpoint(1n), card(1n)], { namespace: 'other' })).toEqual({
    ...{ engines: [], leftOut: [], planeAddresses: [] },
  });
});

function channel(transport: object, topic = 'kv-events'): string {
  const scope = {
    kind: 'endpoint',
    endpoint: { namespace: 'dynamo', component: 'backend', name: 'generate' },
  };
  return JSON.stringify({ type: 'EventChannel', scope, topic, instance_id: 7, transport });
}

test('publishers of KV events are found over ZMQ, and said where they are on NATS', () => {
  const zmq = channel({ kind: 'Zmq', config: { endpoint: 'tcp://h:5' } });
  const nats = channel({ kind: 'Nats', config: { subject_prefix: 'x' } });
  const load = channel({ kind: 'Zmq', config: { endpoint: 'tcp://h:6' } }, 'kv_metrics');
  const found = find([zmq, nats, load]);
  expect(found.planeAddresses).toEqual(['tcp://h:5']);
  expect(found.leftOut).toEqual([
    {
      name: 'KV events of dynamo/backend/generate',
      why: 'they are published over NATS: set event_plane.subscribe.nats',
    },
  ]);
  expect(find([nats], { readsNats: true }).leftOut).toEqual([]);
});

test.each(['', '[]', '{"type":"Endpoint"}', '{"type":"Model","instance_id":1}'])(
  'the record %j is refused',
  (text) => {
    expect(() => readRecord(text)).toThrow();
  },
);

test('records of other kinds are passed over', () => {
  expect(readRecord('{"type":"EventSource"}')).toBeUndefined();
});
