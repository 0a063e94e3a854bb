import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import { run } from '#sim/run.ts';
import { RequestStatus } from '#sim/workload/request-table.ts';
import { TraceCollector } from '#traces/collector.ts';
import type { HandRow } from '../reference/hand-trace.ts';
import { flyNaively } from '../reference/naive-fleet.ts';
import { check } from './check.ts';
import { engineArbitrary, type RandomFlight, rowsArbitrary } from './random-flight.ts';

/** Follow-up turns state what is new; so the rows that are drawn are short. */
const flight = fc
  .record({ traceBlockSize: fc.constantFrom(2, 4, 6, 8), workers: fc.constantFrom(1, 1, 2) })
  .chain(({ traceBlockSize, workers }) =>
    fc
      .record({
        engine: engineArbitrary(['fixed', 'linear', 'table']),
        rows: rowsArbitrary(traceBlockSize, 16, true),
        /** Room for whole conversations, or so little that answers are evicted again. */
        room: fc.constantFrom(20, 20, 0),
      })
      .map(
        ({ engine, rows, room }): RandomFlight => ({
          config: {
            cluster: { workers },
            engine: { ...engine, num_gpu_blocks: Number(engine.num_gpu_blocks) + room },
            router: { mode: 'round_robin' },
            workload: { trace_block_size: traceBlockSize, trace_format: 'mooncake_delta' },
          },
          // No follow-up comes at the moment of another request, where its place would be open.
          rows: rows.map((row, index) => ({
            ...row,
            delayMs: (row.delayMs ?? 0) + 0.0137 * (index + 1),
          })),
        }),
      ),
  );

function lineOf({ atMs, input, output, ids, session, delayMs }: HandRow, first: boolean): string {
  const time = first ? { timestamp: atMs } : { delay: delayMs };
  const row = { ...time, session_id: session, input_length: input, output_length: output };
  return `${JSON.stringify({ ...row, hash_ids: ids })}\n`;
}

/** The rows as a trace of deltas, read by its reader. */
function read(rows: readonly HandRow[], traceBlockSize: number) {
  const collector = new TraceCollector('t', { format: 'mooncake_delta', traceBlockSize });
  const begun = new Set<string>();
  for (const row of rows) {
    const first = row.session === undefined || !begun.has(row.session);
    if (row.session !== undefined) begun.add(row.session);
    collector.push(new TextEncoder().encode(lineOf(row, first)));
  }
  return collector.finish('');
}

/** Every token of each prompt and its answer, as a name of what it is. */
function tokensOf(rows: readonly HandRow[], traceBlockSize: number): string[][] {
  const conversations = new Map<string, string[]>();
  return rows.map(({ input, output, ids, session }, index) => {
    const before = session === undefined ? undefined : conversations.get(session);
    const fresh = Array.from({ length: input }, (_, token) =>
      before === undefined
        ? `id ${ids!.slice(0, Math.floor(token / traceBlockSize) + 1).join()}`
        : `input ${index} ${token}`,
    );
    const answer = Array.from({ length: output }, (_, token) => `output ${index} ${token}`);
    const tokens = [...(before ?? []), ...fresh, ...answer];
    if (session !== undefined) conversations.set(session, tokens);
    return tokens;
  });
}

test('what was generated is found by the next turn, as token by token', () => {
  check(flight, 300, ({ config: written, rows }) => {
    const traceBlockSize = (written.workload as { trace_block_size: number }).trace_block_size;
    const config = resolveConfig({ ...written, engine: { ...written.engine, stepping: 'exact' } });
    const trace = read(rows, traceBlockSize);
    const { requests: table } = run({ config, seed: 3, ...trace });
    const tokens = tokensOf(rows, traceBlockSize);
    const order = [...rows.keys()].sort(
      (a, b) => table.arrivalNs[a]! - table.arrivalNs[b]! || a - b,
    );
    const arrived = order.map((row): HandRow => {
      const { output } = rows[row]!;
      const input = tokens[row]!.length - output;
      return { atMs: table.arrivalNs[row]! / 1e6, input, output };
    });
    const names = new Map<string, number>();
    const naive = flyNaively(config, arrived, ({ input, output }, index) => {
      const { block_size } = config.engine;
      const session = rows[order[index]!]!.session;
      const last = session === undefined ? input : input + Math.max(output - 1, 0);
      return Array.from({ length: Math.floor(last / block_size) }, (_, block) => {
        const content = tokens[order[index]!]!.slice(0, (block + 1) * block_size).join();
        const name = names.get(content) ?? names.size;
        names.set(content, name);
        return name;
      });
    });
    const seen = naive.requests.map(({ row: index, status, firstReused, mostReused, ...rest }) => {
      const row = order[index]!;
      return {
        ours: [
          table.status[row],
          table.firstReusedTokens[row],
          table.reusedTokens[row],
          table.terminalNs[row],
        ],
        naive: [RequestStatus[status], firstReused, mostReused, rest.terminalNs],
      };
    });
    expect(seen.map(({ ours }) => ours)).toEqual(seen.map(({ naive: theirs }) => theirs));
  });
});

const retries = fc.record({
  timeout_ms: fc.integer({ min: 10, max: 120 }),
  max_attempts: fc.constantFrom(2, 4),
  retry_base_ms: fc.constantFrom(0, 5),
});

test('attempts that generate the same answer again share its blocks, and lose none', () => {
  let again = 0;
  check(fc.tuple(flight, retries), 200, ([{ config: written, rows }, client]) => {
    const workload = { ...(written.workload as { trace_block_size: number }), client };
    const trace = read(rows, workload.trace_block_size);
    const fly = (stepping: string) => {
      const engine = { ...written.engine, stepping };
      return run({ config: resolveConfig({ ...written, engine, workload }), seed: 3, ...trace });
    };
    const [leap, exact] = [fly('leap'), fly('exact')];
    expect(leap.kvUsedAtEnd.every((used) => used === 0)).toBe(true);
    expect(leap.requests.terminalNs).toEqual(exact.requests.terminalNs);
    expect(leap.requests.reusedTokens).toEqual(exact.requests.reusedTokens);
    again += leap.requests.count - rows.length;
  });
  if (process.env.WINDTUNNEL_PATH === undefined) expect(again).toBeGreaterThan(150);
});
