import fc from 'fast-check';
import { expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import { HolderTable } from '#core/kv/extents/holder-table.ts';
import { PromptForest } from '#core/tokens/prompt-forest.ts';
import { BlockIds } from '#sim/workload/block-ids.ts';
import { ClientWishes } from '#sim/workload/client-wishes.ts';
import { openWorkload } from '#sim/workload/open-workload.ts';
import { RequestLoader } from '#sim/workload/request-loader.ts';
import { RequestTable } from '#sim/workload/request-table.ts';
import { SessionTable } from '#sim/workload/session-table.ts';
import { type HandRow, traceOf } from '#test/reference/hand-trace.ts';
import { playFlow } from '#test/reference/play-flow.ts';
import { check } from './check.ts';

interface Plan {
  readonly rows: readonly HandRow[];
  readonly serviceMs: readonly number[];
}

const whole = (max: number) => fc.integer({ min: 0, max });

const plans: fc.Arbitrary<Plan> = whole(14).chain((more) => {
  const rows = Array.from({ length: more + 1 }, (_, row) => {
    const edge = fc.record({
      to: whole(Math.max(row - 1, 0)),
      delayMs: whole(9),
      start: fc.boolean(),
    });
    const edges = fc.array(edge, { maxLength: row === 0 ? 0 : 3 });
    return fc.record({
      edges,
      atMs: fc.option(whole(40), { nil: undefined }),
      serviceMs: whole(12),
    });
  });
  return fc.tuple(...rows).map((drawn) => ({
    serviceMs: drawn.map(({ serviceMs }) => serviceMs),
    rows: drawn.map(({ edges, atMs }, row): HandRow => {
      const after = edges.map(({ to, delayMs, start }) => ({ name: `r${to}`, delayMs, start }));
      // The first row is the run's zero, before which nothing can be sent.
      const zero = { atMs: row === 0 ? 0 : (atMs ?? 0) };
      const time = edges.length === 0 ? zero : atMs === undefined ? {} : { atMs };
      return { name: `r${row}`, after, ...time, input: 4, output: 1 };
    }),
  }));
});

/** When each request is sent, by the definition. */
function expectedMs({ rows, serviceMs }: Plan): number[] {
  const sent: number[] = [];
  for (const { atMs, after = [] } of rows) {
    const times = after.map(({ name, delayMs, start }) => {
      const before = Number(name.slice(1));
      return sent[before]! + (start ? 0 : serviceMs[before]!) + delayMs;
    });
    sent.push(Math.max(...times, ...(atMs === undefined ? [] : [atMs])));
  }
  return sent;
}

function played({ rows, serviceMs }: Plan): [number, number][] {
  const { batches } = traceOf(rows);
  const requests = new RequestTable();
  const sessions = new SessionTable(requests);
  const blockIds = new BlockIds(4, 4);
  const forest = new PromptForest(blockIds.unitBlocks);
  const tables = { requests, holders: new HolderTable(), sessions, forest, blockIds };
  const { workload } = resolveConfig({});
  const wishes = new ClientWishes(workload, 1);
  const loader = new RequestLoader(batches, false, 4, 99, tables, wishes);
  const { flow } = openWorkload({
    config: workload,
    seed: 1,
    loader,
    tables,
    hasSessions: true,
    rateWindows: [],
    onWarm: () => {},
  });
  return playFlow(flow, (row) => serviceMs[row]!);
}

test('every request of a random graph is sent at the latest of its reasons, once', () => {
  check(plans, 400, (plan) => {
    const sent = played(plan).sort(([row], [other]) => row - other);
    expect(sent).toEqual([...expectedMs(plan).entries()]);
  });
});
