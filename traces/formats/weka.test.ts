import { expect, test } from 'vitest';
import { needReference } from '../../test/shared.ts';
import { readTraceFile } from '../files.ts';
import { readLines, rowsOf } from './read-lines.fixture.ts';

const SESSION = {
  id: 'trace_0001',
  block_size: 64,
  hash_id_scope: 'local',
  requests: [
    { t: 0, type: 'n', in: 128, out: 9, hash_ids: [1, 2], api_time: 2, think_time: 0 },
    { t: 5.5, type: 's', in: 200, out: 0, hash_ids: [1, 2, 3], think_time: 3 },
    { t: 9.5, type: 's', in: 130, out: 1, hash_ids: [1, 7] },
  ],
};
const OPEN = { requireTimestamps: false };

test('ids hold within a session; a prompt beyond its full blocks ends in a block of its own', () => {
  const other = { ...SESSION, id: 'trace_0002', requests: SESSION.requests.slice(0, 1) };
  const { batch, reader } = readLines('weka', [SESSION, other], OPEN);
  expect(rowsOf(batch)).toEqual([
    { session: 'trace_0001', input: 128, output: 9, ids: [0, 1] },
    { session: 'trace_0001', delay: 3_000, input: 200, output: 0, ids: [0, 1, 2, 3] },
    { session: 'trace_0001', delay: 4_000, input: 130, output: 1, ids: [0, 4, 5] },
    { session: 'trace_0002', input: 128, output: 9, ids: [6, 7] },
  ]);
  expect(reader).toMatchObject({ sessions: 2, traceBlockSize: 64, hasContent: true });
  expect(reader.notes).toEqual([
    '1 think times not stated: the time between the two starts is used',
  ]);
});

test('an exact repeat is dropped and counted; one that differs in a number is kept', () => {
  const repeat = { ...SESSION, id: 'trace_0002' };
  const [first, ...rest] = SESSION.requests;
  const similar = { ...SESSION, id: 'trace_0003', requests: [{ ...first, out: 10 }, ...rest] };
  const { batch, reader } = readLines('weka', [SESSION, repeat, similar], OPEN);
  expect(batch.sessionId).toEqual([...Array(3).fill('trace_0001'), ...Array(3).fill('trace_0003')]);
  expect(reader.sessions).toBe(2);
  expect(reader.notes?.[0]).toBe('1 sessions dropped: exact repeats of earlier ones');
});

test('a sub-agent is a session of its own over the same blocks', () => {
  const child = {
    t: 4,
    agent_id: 'agent_001',
    requests: [{ t: 0, type: 'n', in: 64, out: 2, hash_ids: [2], think_time: 0 }],
  };
  const requests = [SESSION.requests[0], child, SESSION.requests[1]];
  const { batch, reader } = readLines('weka', [{ ...SESSION, requests }], OPEN);
  expect(batch.sessionId).toEqual(['trace_0001', 'trace_0001', 'trace_0001/agent_001']);
  expect(rowsOf(batch)[2]).toEqual({
    session: 'trace_0001/agent_001',
    input: 64,
    output: 2,
    ids: [1],
  });
  expect(reader.sessions).toBe(2);
});

test.each([
  [{ ...SESSION, id: undefined }, 't:1: id: the session has no id'],
  [
    { ...SESSION, hash_id_scope: 'global' },
    't:1: hash_id_scope: the scope of the hash ids is not known; received "global"; allowed: "local": ids hold within the session',
  ],
  [
    { ...SESSION, requests: [{ t: 0, in: 129, out: 1, hash_ids: [1, 2, 3] }] },
    't:1: hash_ids: hash_ids has 3, expected 2; one id stands for one full block of the 129 tokens in "in"',
  ],
  [
    { ...SESSION, requests: [{ t: 0, in: 64, out: 1, hash_ids: ['x'] }] },
    't:1: hash_ids[0]: not a block id; received "x"; allowed: an integer from 0 to 4,294,967,295',
  ],
  [
    { ...SESSION, requests: [7] },
    't:1: requests[0]: not a request; received 7; allowed: an object',
  ],
  [
    { ...SESSION, requests: [SESSION.requests[1], { t: 1, in: 1, out: 1, hash_ids: [] }] },
    't:1: t: time goes back within the session; received 1; sort the requests of a session by t',
  ],
])('refuses %j', (session, message) => {
  expect(() => readLines('weka', [session], OPEN)).toThrow(
    expect.objectContaining({ name: 'InputError', message }),
  );
});

test('refuses another block size, and arrivals that the trace does not have', () => {
  expect(() => readLines('weka', [SESSION], { ...OPEN, traceBlockSize: 512 })).toThrow(
    't:1: block_size: the trace states blocks of 64 tokens; received "a trace block size of 512"; allowed: 64; leave workload.trace_block_size (--trace-block-size) out, or set it to 64',
  );
  expect(() => readLines('weka', [SESSION])).toThrow(
    't:1: the sessions of a weka trace have no times of arrival',
  );
});

test('the published sessions: 18 repeats dropped, hits of 95.89 % within sessions', async (context) => {
  const path = needReference(context, 'traces', 'weka-claude-code', 'sessions_prefix.jsonl.gz');
  const trace = await readTraceFile(path, { format: 'auto', requireTimestamps: false });
  expect(trace).toMatchObject({
    format: 'weka',
    requests: 26_117,
    sessions: 491,
    traceBlockSize: 64,
  });
  expect(trace.notes).toEqual([
    '18 sessions dropped: exact repeats of earlier ones',
    '63 sub-agents read as sessions of their own',
    '80 think times not stated: the time between the two starts is used',
  ]);
  let hitTokens = 0;
  let totalTokens = 0;
  let rows = 0;
  const seen = new Uint8Array(1 << 25);
  for (const batch of trace.batches) {
    rows += batch.count;
    for (let row = 0; row < batch.count; row++) {
      totalTokens += batch.inputTokens[row]!;
      let hit = true;
      for (let at = batch.hashStart[row]!; at < batch.hashStart[row + 1]!; at++) {
        const id = batch.hashIds[at]!;
        hit &&= seen[id] === 1;
        if (hit) hitTokens += 64;
        seen[id] = 1;
      }
    }
  }
  expect(rows).toBe(26_117);
  expect([hitTokens, totalTokens]).toEqual([3_289_352_000, 3_430_235_223]);
});
