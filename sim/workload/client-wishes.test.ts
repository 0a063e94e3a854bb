import { expect, test } from 'vitest';
import { configSchema } from '#core/config/schema.ts';
import type { TraceClient } from '#traces/client.ts';
import { ClientWishes } from './client-wishes.ts';
import { RequestTable } from './request-table.ts';

/** A table of requests whose rows say this of their clients, under these settings. */
function wished(
  rows: readonly TraceClient[],
  workload: Readonly<Record<string, unknown>> = {},
): RequestTable {
  const table = new RequestTable();
  const wishes = new ClientWishes(configSchema.parse({ workload }).workload, 3);
  for (const said of rows) wishes.fill(table, table.append(1, 4, 9), said);
  return table;
}

const nobody = Array.from({ length: 2_000 }, (): TraceClient => ({}));

test('what a row says goes before the config', () => {
  const table = wished([{ timeoutMs: 5 }, {}], { client: { timeout_ms: 9, ttft_timeout_ms: 3 } });
  expect([...table.timeoutNs.subarray(0, 2)]).toEqual([5e6, 9e6]);
  expect([...table.firstTokenTimeoutNs.subarray(0, 2)]).toEqual([3e6, 3e6]);
});

test('where nobody leaves there are no columns', () => {
  const { cancelAfterNs, cancelAfterTokens, timeoutNs } = wished(nobody);
  expect([cancelAfterNs, cancelAfterTokens, timeoutNs].map(({ length }) => length)).toEqual([
    0, 0, 0,
  ]);
});

test.each(['constant', 'uniform', 'exponential'])(
  'a part of the requests leaves, after a time of the mean that was asked for: %s',
  (distribution) => {
    const cancellation = { ratio: 0.25, after_ms: 400, distribution };
    const spans = [...wished(nobody, { cancellation }).cancelAfterNs].filter((ns) => ns > 0);
    expect(spans.length / nobody.length).toBeCloseTo(0.25, 1);
    const mean = spans.reduce((sum, ns) => sum + ns, 0) / spans.length;
    expect(Math.abs(mean / 400e6 - 1)).toBeLessThan(0.1);
  },
);

test('another ratio leaves the same clients where they were, and adds some', () => {
  const leaving = (ratio: number) => {
    const cancellation = { ratio, after_tokens: 8, distribution: 'exponential' };
    return wished(nobody, { cancellation }).cancelAfterTokens;
  };
  const few = leaving(0.1);
  const many = leaving(0.5);
  for (const [row, tokens] of few.entries()) if (tokens > 0) expect(many[row]).toBe(tokens);
  expect(many.filter((tokens) => tokens > 0).length).toBeGreaterThan(
    4 * few.filter((tokens) => tokens > 0).length,
  );
});
