import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import { configSchema } from '#core/config/schema.ts';
import { HolderTable } from '#core/kv/extents/holder-table.ts';
import { PromptForest } from '#core/tokens/prompt-forest.ts';
import { type HandRow, traceOf } from '#test/reference/hand-trace.ts';
import { playFlow } from '#test/reference/play-flow.ts';
import { BlockIds } from './block-ids.ts';
import { ClientWishes } from './client-wishes.ts';
import { openWorkload } from './open-workload.ts';
import { RequestLoader } from './request-loader.ts';
import { RequestTable } from './request-table.ts';
import { SessionTable } from './session-table.ts';
import { TenantMix } from './tenant-mix.ts';

function open(rows: readonly HandRow[], workload: Record<string, unknown>, limit = 99) {
  const { batches, hasContent, sessions: sessionCount } = traceOf(rows);
  const requests = new RequestTable();
  const sessions = new SessionTable(requests);
  const blockIds = new BlockIds(4, 8);
  const forest = new PromptForest(blockIds.unitBlocks);
  const tables = { requests, holders: new HolderTable(), sessions, forest, blockIds };
  const config = configSchema.parse({ workload }).workload;
  const mix = config.tenants && new TenantMix(config.tenants, openStream(9, 'tenants'));
  const wishes = new ClientWishes(config, 9);
  const loader = new RequestLoader(batches, hasContent, 4, limit, tables, wishes, mix);
  const opened = openWorkload({
    config,
    seed: 9,
    loader,
    tables,
    hasSessions: sessionCount > 0,
    rateWindows: [],
    onWarm: () => {},
  });
  return { ...opened, requests, tables };
}

/** Takes requests as they come, each ending `serviceMs` later; `[row, ms]` for each. */
function play({ flow }: ReturnType<typeof open>, serviceMs: number): [number, number][] {
  return playFlow(flow, () => serviceMs);
}

const plain = [0, 10, 30].map((atMs): HandRow => ({ atMs: atMs + 5, input: 4, output: 1 }));
const chats: HandRow[] = [
  { atMs: 0, input: 4, output: 1, session: 'a' },
  { atMs: 2, input: 4, output: 1, session: 'b' },
  { input: 4, output: 1, session: 'a', delayMs: 20 },
  { atMs: 12, input: 4, output: 1 },
  { input: 4, output: 1, session: 'a', delayMs: 40 },
];

test('an open loop sends at the times of the trace, one request ahead', () => {
  const opened = open(plain, { arrival_speedup_ratio: 2 });
  expect(opened.requests.count).toBe(1);
  expect(play(opened, 1)).toEqual([
    [0, 0],
    [1, 5],
    [2, 15],
  ]);
});

test('a limit ends the trace early', () => {
  expect(play(open(plain, {}, 2), 1)).toHaveLength(2);
});

test('later turns come a think time after the end of the one before, divided by the speed-up', () => {
  expect(play(open(chats, { arrival_speedup_ratio: 2 }), 3)).toEqual([
    [0, 0],
    [1, 1],
    [3, 6],
    [2, 13],
    [4, 36],
  ]);
});

test('at a constant rate think times stay as they are', () => {
  expect(play(open(chats, { arrivals: 'constant', request_rate: 100 }), 3)).toEqual([
    [0, 0],
    [1, 10],
    [3, 20],
    [2, 23],
    [4, 66],
  ]);
});

test('a closed loop: a user holds the place through the think times of a session', () => {
  expect(play(open(chats, { concurrency: 1 }), 3)).toEqual([
    [0, 0],
    [2, 23],
    [4, 66],
    [1, 69],
    [3, 72],
  ]);
  expect(play(open(chats, { concurrency: 9 }), 3).slice(0, 3)).toEqual([
    [0, 0],
    [1, 0],
    [3, 0],
  ]);
});

test('jitter keeps each arrival within the step of the clock, and sorts what it turns around', () => {
  const rows = [0, 10, 10, 10, 20].map((atMs): HandRow => ({ atMs, input: 4, output: 1 }));
  const sent = play(open(rows, { arrival_jitter: true }), 1);
  const times = sent.map(([, ms]) => ms!);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  for (const [row, ms] of sent) {
    expect(Math.floor(ms! / 10) * 10).toBe(rows[row!]!.atMs);
  }
});

test('the loader numbers tenants and policy classes as they come', () => {
  const some: HandRow[] = [
    { atMs: 0, input: 4, output: 1 },
    { atMs: 0, input: 4, output: 1, tenant: 'paid', policyClass: 'fast' },
    { atMs: 0, input: 4, output: 1, tenant: 'free' },
    { atMs: 0, input: 4, output: 1, tenant: 'paid' },
  ];
  const { requests } = open(some, { concurrency: 1 });
  expect([...requests.tenant.subarray(0, 4)]).toEqual([-1, 0, 1, 0]);
  expect(requests.tenantNames).toEqual(['paid', 'free']);
  expect([...requests.policyClass.subarray(0, 4)]).toEqual([-1, 0, -1, -1]);
  expect(requests.policyClassNames).toEqual(['fast']);
});

test('a tenant gives its hints where the trace gives none', () => {
  const some: HandRow[] = [
    { atMs: 0, input: 4, output: 1, tenant: 'paid' },
    { atMs: 0, input: 4, output: 1, tenant: 'paid', policyClass: 'slow', priority: 7 },
    { atMs: 0, input: 4, output: 1 },
  ];
  const paid = { name: 'paid', priority: -2, strict_priority: 3, policy_class: 'fast' };
  const { requests } = open(some, { concurrency: 1, tenants: [paid, { name: 'rest', share: 1 }] });
  expect([...requests.tenant.subarray(0, 3)].map((row) => requests.tenantNames[row])).toEqual([
    'paid',
    'paid',
    'rest',
  ]);
  expect([...requests.priority.subarray(0, 3)]).toEqual([-2, 7, 0]);
  expect([...requests.strictPriority.subarray(0, 3)]).toEqual([3, 3, 0]);
  const classes = [...requests.policyClass.subarray(0, 3)];
  expect(classes.map((row) => requests.policyClassNames[row])).toEqual(['fast', 'slow', undefined]);
});

test('the loader names prompts by their full blocks, and knows none without content', () => {
  const shared = { atMs: 0, output: 1, ids: [1, 2] };
  const rows = [
    { ...shared, input: 16 },
    { ...shared, input: 15 },
    { ...shared, input: 3 },
  ];
  const opened = open(rows, { concurrency: 1 });
  const { holders } = opened.tables;
  const paths = [0, 1, 2].map((row) => [holders.leaf[row], holders.pathBlocks[row]]);
  expect(paths).toEqual([
    [0, 4],
    [0, 3],
    [-1, 0],
  ]);
  const bare = open([{ atMs: 0, input: 16, output: 1 }], { concurrency: 1 });
  expect([bare.tables.holders.leaf[0], bare.tables.holders.pathBlocks[0]]).toEqual([-1, 0]);
});

const agents: HandRow[] = [
  { name: 'root', after: [], atMs: 0, input: 4, output: 1, session: 'main' },
  { name: 'x', after: [{ name: 'root', delayMs: 2, start: true }], input: 4, output: 1 },
  { name: 'y', after: [{ name: 'root', delayMs: 6 }], atMs: 30, input: 4, output: 1 },
  {
    name: 'join',
    after: [
      { name: 'root', delayMs: 1 },
      { name: 'x', delayMs: 4 },
      { name: 'y', delayMs: 8 },
    ],
    input: 4,
    output: 1,
    session: 'main',
  },
];

test('a request waits for all that it names, from a start or an end, and for its own time', () => {
  expect(play(open(agents, {}), 3)).toEqual([
    [0, 0],
    [1, 2],
    [2, 30],
    [3, 41],
  ]);
  expect(play(open(agents, { arrival_speedup_ratio: 2 }), 3)).toEqual([
    [0, 0],
    [1, 1],
    [2, 15],
    [3, 22],
  ]);
});

test('at a rate of its own a tree keeps its delays and forgets its times', () => {
  const drawn = open(agents, { arrivals: 'constant', request_rate: 1 });
  expect(play(drawn, 3)).toEqual([
    [0, 0],
    [1, 2],
    [2, 9],
    [3, 20],
  ]);
  expect([...drawn.requests.turn.subarray(0, 4)]).toEqual([0, 0, 0, 1]);
});

test('a closed loop refuses requests that wait for each other', () => {
  expect(() => open(agents, { concurrency: 2 })).toThrow('workload.concurrency');
});
