import { expect, test } from 'vitest';
import { unopened } from './mock-addresses.ts';
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

test.each([['tcp://*:*'], ['tcp://127.0.0.1:0'], ['ipc:///tmp/kv'], ['tcp://[::1]:5557']])(
  'events may be published at %s',
  (kvEvents) => {
    expect(mockOptionsOf({ ...FLAGS, kvEvents, workers: 2 })).toHaveLength(2);
  },
);

test('a socket that cannot be opened names the option that its address comes from', () => {
  const flags = { ...FLAGS, workers: 2, kvEvents: 'tcp://h:5557', kvReplay: 'tcp://h:6557' };
  const told = (error: object): string => (unopened(error, flags, 1) as Error).message;
  const taken = { code: 'EADDRINUSE', message: 'taken' };
  const words = 'cannot be opened: address already in use (EADDRINUSE)';
  expect(told({ ...taken, address: 'tcp://h:6558' })).toBe(
    `--kv-replay: ${words}; received "tcp://h:6558"; choose another`,
  );
  expect(told({ ...taken, address: 'tcp://h:5558' })).toContain(`--kv-events: ${words}`);
  expect(told({ ...taken, address: '127.0.0.1', port: 8102 })).toContain(`--port: ${words}`);
  expect(told({ ...taken, address: '127.0.0.1', port: 8998 })).toContain('--bootstrap-port: ');
  expect(told({ code: 'ENOTFOUND', message: 'no such host' })).toContain('--host: ');
  const defect = new TypeError('a defect');
  expect(unopened(defect, flags, 1)).toBe(defect);
});

test.each<[Partial<MockFlags>, string]>([
  [{ kvReplay: 'tcp://127.0.0.1:5558' }, 'give --kv-events too'],
  [
    { kvEvents: 'nonsense' },
    '--kv-events: not an address; received "nonsense"; allowed: tcp://HOST:PORT, where',
  ],
  [{ kvEvents: 'tcp://h:70000' }, '--kv-events: not an address'],
  [{ kvEvents: 'tcp://h' }, '--kv-events: not an address'],
  [{ kvEvents: 'tcp://*:5557', kvReplay: 'tcp:5558' }, '--kv-replay: not an address'],
  [{ kvEvents: 'tcp://*:5557', kvEventsMode: 'connect' }, 'of somebody who listens there'],
  [{ kvEvents: 'tcp://h:65534', workers: 3 }, 'allowed: up to 65533'],
  [{ port: 65_535, workers: 2 }, '--port: there are no 2 ports from there on'],
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
