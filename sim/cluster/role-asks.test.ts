import { expect, test } from 'vitest';
import { msToNs } from '#core/base/time.ts';
import { poolsOf } from '#core/config/pools.ts';
import { resolveConfig } from '#core/config/resolve.ts';
import type { ConfigInput } from '#core/config/schema.ts';
import { HolderTable } from '#core/kv/extents/holder-table.ts';
import { PromptForest } from '#core/tokens/prompt-forest.ts';
import { BlockIds } from '../workload/block-ids.ts';
import { RequestTable } from '../workload/request-table.ts';
import { SessionTable } from '../workload/session-table.ts';
import { openPool } from './open-pool.ts';
import type { Pool } from './pool.ts';
import { PrefillLegs } from './prefill-legs.ts';
import { RoleChanges, type RoleRefusal } from './role-changes.ts';
import type { RoleSchedule } from './role-schedule.ts';

type Pools = NonNullable<NonNullable<ConfigInput['cluster']>['pools']>;

/** Numbers for two workers that come to each pool. */
const SPARES: RoleSchedule = [
  { at_ms: 0, from: 'prefill', to: 'decode', workers: 2, cost_ms: 0 },
  { at_ms: 0, from: 'decode', to: 'prefill', workers: 2, cost_ms: 0 },
];

/** A prefill pool and a decode pool of idle workers. */
function open(pools: Pools): readonly [prefill: Pool, decode: Pool] {
  const config = resolveConfig({ cluster: { pools } });
  const requests = new RequestTable();
  const holders = new HolderTable();
  const blockIds = new BlockIds(64, 512, false);
  const forest = new PromptForest(blockIds.unitBlocks);
  const sessions = new SessionTable(requests);
  const shared = {
    seed: 1,
    tables: { requests, holders, sessions, forest, blockIds },
    legs: new PrefillLegs(requests, holders, forest),
    prefillBudget: 8192,
    schedule: SPARES,
    endNs: Number.POSITIVE_INFINITY,
  };
  const opened: Pool[] = [];
  for (const pool of poolsOf(config)) opened.push(openPool(pool, shared, opened).pool);
  return [opened[0]!, opened[1]!];
}

const PREFILL = { role: 'prefill', workers: 3 } as const;
const DECODE = { role: 'decode', workers: 2 } as const;

function whyNot(answer: ReturnType<RoleChanges['ask']>): RoleRefusal | undefined {
  return answer.ok ? undefined : answer.error;
}

test('who is asked to go at once drains, is away and comes, each at its moment', () => {
  const [from, to] = open([PREFILL, DECODE]);
  const roles = new RoleChanges([from, to]);
  expect(roles.nextNs).toBe(Number.POSITIVE_INFINITY);
  const nowNs = msToNs(7);
  const answer = roles.ask({ from, to, costNs: msToNs(5), dueNs: nowNs }, nowNs);
  expect(roles.nextNs).toBe(nowNs);
  expect(roles.advance(nowNs)).toBe(true);
  expect(roles.nextNs).toBe(msToNs(12));
  expect(roles.advance(msToNs(11))).toBe(false);
  expect(roles.advance(msToNs(12))).toBe(true);
  expect(roles.nextNs).toBe(Number.POSITIVE_INFINITY);
  expect(answer).toMatchObject({
    ok: true,
    value: { beganNs: nowNs, drainedNs: nowNs, joinedNs: msToNs(12), leaver: 2, joiner: 2 },
  });
});

test('what is asked for later waits, and does not go before what was asked for after it', () => {
  const [from, to] = open([PREFILL, DECODE]);
  const roles = new RoleChanges([from, to]);
  const late = roles.ask({ from, to, costNs: 0, dueNs: msToNs(20) }, 0);
  const early = roles.ask({ from, to, costNs: 0, dueNs: msToNs(10) }, 0);
  expect(roles.nextNs).toBe(msToNs(10));
  roles.advance(msToNs(10));
  expect(early).toMatchObject({ value: { leaver: 2, joiner: 2 } });
  expect(late).toMatchObject({ value: { leaver: -1 } });
  roles.advance(msToNs(20));
  expect(late).toMatchObject({ value: { leaver: 1, joiner: 3 } });
});

test('a pool keeps a worker, whatever is asked for', () => {
  const [from, to] = open([PREFILL, DECODE]);
  const roles = new RoleChanges([from, to]);
  const wish = { from, to, costNs: 0, dueNs: 0 };
  expect([roles.ask(wish, 0), roles.ask(wish, 0)].map(whyNot)).toEqual([undefined, undefined]);
  expect(whyNot(roles.ask(wish, 0))).toBe('last_worker');
  // Two more have been promised to the other pool, so three of its four may go, if it has numbers.
  const back = { from: to, to: from, costNs: 0, dueNs: 0 };
  expect([1, 2, 3].map(() => whyNot(roles.ask(back, 0)))).toEqual([
    undefined,
    undefined,
    'no_number',
  ]);
});

test.each([
  ['same_pool', [PREFILL, DECODE], true],
  ['other_gpus', [PREFILL, { ...DECODE, gpus_per_worker: 2 }], false],
  ['grouped', [PREFILL, { ...DECODE, groups: [{ count: 2, taints: ['fast'] }] }], false],
] as const)('%s: refused with the reason', (why, pools, toItself) => {
  const [from, other] = open(pools as unknown as Pools);
  const roles = new RoleChanges([from, other]);
  const to = toItself ? from : other;
  expect(whyNot(roles.ask({ from, to, costNs: 0, dueNs: 0 }, 0))).toBe(why);
  expect(roles.all).toEqual([]);
});
