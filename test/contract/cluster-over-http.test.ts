import { afterEach, expect, test } from 'vitest';
import type { HandRow } from '#test/reference/hand-trace.ts';
import { LiveCluster } from './live-cluster.ts';
import { type Felt, feltInRun, mockRows, type RouterKeys, sharingRows } from './mock-traffic.ts';

const WORKERS = 4;

let cluster: LiveCluster | undefined;

afterEach(() => cluster?.close());

async function feltLive(rows: readonly HandRow[], router: RouterKeys): Promise<readonly Felt[]> {
  cluster = await LiveCluster.start(WORKERS, router);
  const felt = await cluster.fly(rows);
  await cluster.close();
  return felt;
}

function meanTtftNs(felt: readonly Felt[]): number {
  return felt.reduce((sum, { ttftNs }) => sum + ttftNs, 0) / felt.length;
}

test.each([{ mode: 'kv_router', router_temperature: 0.5 }, { mode: 'power_of_two' }] as const)(
  'clients of the live router feel, to the nanosecond, what a run says: %o',
  async (router) => {
    // As many for each worker as a lone one gets.
    const rows = mockRows(48, 1).map((row) => ({ ...row, atMs: row.atMs! / WORKERS }));
    const { felt } = feltInRun(rows, 1, { workers: WORKERS, router });
    expect(await feltLive(rows, router)).toEqual(felt);
  },
);

test('KV routing gains live what a run says that it gains over round robin', async () => {
  const rows = sharingRows(64, 1);
  const live: number[] = [];
  for (const mode of ['kv_router', 'round_robin'] as const) {
    const { felt } = feltInRun(rows, 1, { workers: WORKERS, router: { mode } });
    const feltHere = await feltLive(rows, { mode });
    expect(feltHere).toEqual(felt);
    live.push(meanTtftNs(feltHere));
  }
  const [kv, roundRobin] = live;
  expect(roundRobin! / kv!).toBeGreaterThan(2);
});
