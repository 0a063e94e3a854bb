import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { needReference } from '#test/shared.ts';
import { DecodeError } from '../events/decode/decode-error.ts';
import { decodePlaneMessage } from '../events/dynamo/envelope.ts';
import { pack } from '../events/dynamo/pack.ts';
import {
  decodeReplicaEvents,
  encodeReplicaBatch,
  encodeReplicaEvent,
  REPLICA_TOPIC,
  type ReplicaEvent,
} from './replica-event.ts';

const bytes = (hex: string) => Buffer.from(hex, 'hex');

/** Everything that an event can say, in the widths that integers can have. */
const ADDED: ReplicaEvent = {
  id: 'a-0',
  worker: 2n ** 64n - 2n,
  rank: 1,
  router: 7n,
  loraName: undefined,
  data: {
    hashes: [1n, 2n ** 63n + 5n],
    tracksPrefill: true,
    expectedOutputTokens: undefined,
    prefillTokens: 640,
    expectedPrefillNs: 1_000_000_500,
  },
};
const FREED: ReplicaEvent = { ...ADDED, loraName: 'l', data: 'freed' };

/** The same, by hand: fixmap 5, then each key with its value, as serde writes a named struct. */
const ADDED_BYTES = bytes(
  '85aa726571756573745f6964a3612d30a6776f726b657282a9776f726b65725f6964cffffffffffffffffea764705f' +
    '72616e6b01a46461746181aa4164645265717565737484ae746f6b656e5f73657175656e63659201cf8000000000' +
    '000005b4747261636b5f70726566696c6c5f746f6b656e73c3b665787065637465645f6f75747075745f746f6b65' +
    '6e73c0b170726566696c6c5f6c6f61645f68696e7482d920696e697469616c5f6566666563746976655f70726566' +
    '696c6c5f746f6b656e73cd0280b965787065637465645f70726566696c6c5f6475726174696f6e82a47365637301' +
    'a56e616e6f73cd01f4a9726f757465725f696407a96c6f72615f6e616d65c0',
);
const FREED_BATCH_BYTES = bytes(
  '81a66576656e74739185aa726571756573745f6964a3612d30a6776f726b657282a9776f726b65725f6964cfffffff' +
    'fffffffffea764705f72616e6b01a464617461a446726565a9726f757465725f696407a96c6f72615f6e616d65a16c',
);

test('an event has the bytes that Dynamo gives it, alone and in a batch', () => {
  expect(Buffer.from(encodeReplicaEvent(ADDED)).toString('hex')).toBe(ADDED_BYTES.toString('hex'));
  expect(Buffer.from(encodeReplicaBatch([FREED])).equals(FREED_BATCH_BYTES)).toBe(true);
  expect(decodeReplicaEvents(ADDED_BYTES)).toEqual({ events: [ADDED], unreadable: 0 });
  expect(decodeReplicaEvents(FREED_BATCH_BYTES)).toEqual({ events: [FREED], unreadable: 0 });
});

test('what Dynamo leaves out or writes as nil has its default', () => {
  const worker = { worker_id: 3 };
  const bare = { request_id: 'r', worker, data: { AddRequest: {} }, router_id: 9 };
  expect(decodeReplicaEvents(pack(bare)).events).toEqual([
    {
      id: 'r',
      worker: 3n,
      rank: 0,
      router: 9n,
      loraName: undefined,
      data: {
        hashes: undefined,
        tracksPrefill: true,
        expectedOutputTokens: undefined,
        prefillTokens: undefined,
        expectedPrefillNs: undefined,
      },
    },
  ]);
});

test('an event that is none costs no other, and a message that is none is refused', () => {
  const good = {
    request_id: 'r',
    worker: { worker_id: 3, dp_rank: 0 },
    data: 'Free',
    router_id: 9,
  };
  const tokens = { prefill_load_hint: { initial_effective_prefill_tokens: 2n ** 31n } };
  const bad = [
    7,
    { ...good, request_id: '' },
    { ...good, request_id: 'r'.repeat(513) },
    { ...good, worker: 3 },
    { ...good, worker: { worker_id: 'w', dp_rank: 0 } },
    { ...good, data: 'Freed' },
    { ...good, data: { AddRequest: { token_sequence: 'abc' } } },
    { ...good, data: { AddRequest: tokens } },
  ];
  const { events, unreadable } = decodeReplicaEvents(pack({ events: [...bad, good] }));
  expect(events.map(({ id }) => id)).toEqual(['r']);
  expect(unreadable).toBe(bad.length);
  for (const none of [pack([1]), pack({ events: 7 }), bytes('c1'), bytes('')]) {
    expect(() => decodeReplicaEvents(none)).toThrow(DecodeError);
  }
});

test('every recorded message of Dynamo is read, and written again byte for byte', (context) => {
  const path = needReference(context, 'peers', 'dynamo', 'event-plane.jsonl');
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  let read = 0;
  for (const line of lines) {
    const { frames } = JSON.parse(line) as { readonly frames: readonly string[] };
    if (bytes(frames[0]!).toString() !== REPLICA_TOPIC) continue;
    const { payload } = decodePlaneMessage(frames.map(bytes));
    const { events, unreadable } = decodeReplicaEvents(payload);
    expect([unreadable, ...new Set(events.map(({ data }) => data))]).toEqual([0, 'prefilled']);
    expect(Buffer.from(encodeReplicaBatch(events)).equals(payload)).toBe(true);
    read += events.length;
  }
  expect(read).toBe(26);
});
