import { expect, test } from 'vitest';
import { TraceCollector } from '../collector.ts';
import type { LoadedTrace } from '../loaded-trace.ts';
import { Trigger } from '../predecessors.ts';

const HEADER = {
  schema: 'dynamo.agentic_mooncake',
  version: 2,
  block_size: 4,
  hash_id_scope: 'local',
  source: { format: 'weka', digest: 'x' },
};

function row(request_id: string, extra: object = {}): object {
  return {
    request_id,
    play_id: 'p',
    session_id: 'main',
    model: 'm',
    not_before_ms: 0,
    input_length: 6,
    output_length: 2,
    hash_ids: [1, 2],
    ...extra,
  };
}

const on = (request_id: string, trigger = 'completion', delay_ms = 0) => ({
  request_id,
  trigger,
  delay_ms,
  relation: 'join',
});

function read(rows: readonly object[], format: 'auto' | 'agentic_mooncake' = 'auto'): LoadedTrace {
  const collector = new TraceCollector('t', { format, requireTimestamps: true });
  collector.push(
    new TextEncoder().encode(rows.map((value) => `${JSON.stringify(value)}\n`).join('')),
  );
  return collector.finish('');
}

function waits(trace: LoadedTrace): readonly unknown[] {
  const batch = trace.batches[0]!;
  const { start, requestId, trigger, delayMs } = batch.predecessors;
  return batch.requestId.map((name, index) => [
    name,
    batch.timestampMs[index],
    ...requestId
      .slice(start[index], start[index + 1])
      .map((before, at) => [before, trigger[start[index]! + at], delayMs[start[index]! + at]]),
  ]);
}

test('version 2: requests stand behind what they wait for, by time', () => {
  const big = JSON.parse('18446744073709551615');
  const trace = read([
    HEADER,
    row('join', { dependencies: [on('root'), on('child', 'completion', 7)], not_before_ms: 90 }),
    row('child', {
      session_id: 'sub',
      dependencies: [on('root', 'dispatch', 12)],
      not_before_ms: 3,
      hash_ids: [1, big],
    }),
    row('root', { priority: 5, policy_class: 'slow' }),
  ]);
  expect(trace).toMatchObject({ format: 'agentic_mooncake', traceBlockSize: 4, sessions: 2 });
  expect(waits(trace)).toEqual([
    ['root', 0],
    ['child', 3, ['root', Trigger.start, 12]],
    ['join', 90, ['root', Trigger.end, 0], ['child', Trigger.end, 7]],
  ]);
  const batch = trace.batches[0]!;
  expect(batch.groupId).toEqual(['p', 'p', 'p']);
  expect([batch.priority[0], batch.policyClass[0]]).toEqual([5, 'slow']);
});

test('version 1: all of wait_for, then the delay and the tool', () => {
  const first = { request_id: 'a', hash_ids: [1], output_length: 1, timestamp: 5, wait_for: [] };
  const trace = read([
    first,
    {
      request_id: 'b',
      hash_ids: [1],
      output_length: 1,
      timestamp: 9,
      wait_for: ['a'],
      delay: 2,
      tool_wait_ms: 3,
    },
  ]);
  expect(waits(trace)).toEqual([
    ['a', 5],
    ['b', Number.NaN, ['a', Trigger.end, 5]],
  ]);
  expect([...trace.batches[0]!.inputTokens.subarray(0, 2)]).toEqual([512, 512]);
  // Whoever waits is loaded at once, as sessions are.
  expect(trace.sessions).toBe(1);
});

test('several models are read as one, and counted', () => {
  expect(read([HEADER, row('a'), row('b', { model: 'n' })]).notes).toEqual([
    '2 models are named: all requests go to one',
  ]);
});

test.each([
  [[{ ...HEADER, version: 3 }], 't:1: version: not a version that can be read; received 3'],
  [[{ ...HEADER, schema: 'x' }], 't:1: schema: not a schema that can be read; received "x"'],
  [[HEADER, row('a'), row('a')], 't:3: request_id: the request is in line 2 already'],
  [[HEADER, row('a', { play_id: null })], 't:2: play_id: the value is missing'],
  [[HEADER, row('a', { not_before_ms: -1 })], 't:2: not_before_ms: not a usable number'],
  [[HEADER, row('a', { hash_ids: [1] })], 't:2: hash_ids: hash_ids has 1, expected 2'],
  [[HEADER, row('a', { hash_ids: [1, -2] })], 't:2: hash_ids[1]: not a block hash; received -2'],
  [[HEADER, row('a', { dependencies: [3] })], 't:2: dependencies[0]: not an object; received 3'],
  [
    [HEADER, row('a', { dependencies: [on('b', 'later')] })],
    't:2: dependencies[0].trigger: not a moment of another request; received "later"; allowed: completion, dispatch',
  ],
  [
    [HEADER, row('root'), row('a', { dependencies: [on('roof')] })],
    't:3: the request waits for one that is not in the trace; received "roof"',
  ],
  [
    [
      HEADER,
      row('a', { dependencies: [on('b')] }),
      row('b', { dependencies: [on('a')] }),
      row('c'),
    ],
    't:2: request_id: the request waits for itself, directly or through others',
  ],
])('refuses %j', (rows, message) => {
  expect(() => read(rows)).toThrow(message);
});
