import { expect, test } from 'vitest';
import { type MockFlags, mockOptionsOf } from './mock-options.ts';

const FLAGS: MockFlags = {
  set: [],
  host: '127.0.0.1',
  port: 8101,
  model: 'tiny',
  lora: [],
  role: 'aggregated',
  workers: 1,
  speed: 1,
  seed: 42,
  kvEventsMode: 'bind',
  kvEventsTopic: '',
  bootstrapPort: 8998,
  answerTokens: 128,
  promptTokensDetails: true,
};

const POOLS = [
  { role: 'prefill', workers: 1 },
  { role: 'decode', workers: 1 },
];

test('every worker, and every rank of one, has ports of its own', () => {
  const options = mockOptionsOf({
    ...FLAGS,
    set: [{ path: 'engine.data_parallel_size', value: 2 }],
    workers: 2,
    kvEvents: 'tcp://127.0.0.1:5557',
    kvReplay: 'tcp://127.0.0.1:5567',
  });
  expect(options.map(({ port, kvEvents }) => [port, kvEvents])).toMatchObject([
    [8101, { endpoint: 'tcp://127.0.0.1:5557', replayEndpoint: 'tcp://127.0.0.1:5567' }],
    [8102, { endpoint: 'tcp://127.0.0.1:5559', replayEndpoint: 'tcp://127.0.0.1:5569' }],
  ]);
});

test.each<[Partial<MockFlags>, string]>([
  [{ kvReplay: 'tcp://127.0.0.1:5558' }, 'give --kv-events too'],
  [
    { workers: 2, kvEvents: 'tcp://*:5557', kvReplay: 'tcp://*:5558' },
    'a port at least 2 away from 5557',
  ],
  [{ set: [{ path: 'engine.backend', value: 'trtllm' }] }, 'choose the shapes with --backend'],
  [
    {
      role: 'aggregated',
      set: [{ path: 'cluster.pools', value: POOLS }],
    },
    'allowed: prefill, decode',
  ],
])('contradictory flags %j say what would do', (flags, advice) => {
  expect(() => mockOptionsOf({ ...FLAGS, ...flags })).toThrow(advice);
});
