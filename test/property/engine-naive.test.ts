import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { RequestStatus } from '#sim/workload/request-table.ts';
import { flyNaively, type NaiveFlight } from '../reference/naive-fleet.ts';
import { check } from './check.ts';
import { certainDrafts, withDrafts } from './drafts.ts';
import { impatientRows } from './impatient-flight.ts';
import {
  configOf,
  engineArbitrary,
  flyRandom,
  type RandomFlight,
  rowsArbitrary,
} from './random-flight.ts';

const flights = (backends?: readonly string[]) =>
  fc
    .record({
      traceBlockSize: fc.constantFrom(2, 4, 6, 8),
      workers: fc.constantFrom(1, 1, 2, 3),
      ranks: fc.constantFrom(1, 1, 2, 3),
    })
    .chain(({ traceBlockSize, workers, ranks }) =>
      fc
        .record({
          engine: engineArbitrary(['fixed', 'polynomial', 'linear', 'table'], backends),
          drafts: certainDrafts,
          rows: rowsArbitrary(traceBlockSize, 25, false),
          hasContent: fc.constantFrom(true, true, true, false),
        })
        .map(
          ({ engine, drafts, rows, hasContent }): RandomFlight => ({
            config: {
              cluster: { workers },
              engine: { ...withDrafts(engine, drafts), data_parallel_size: ranks },
              router: { mode: 'round_robin' },
              workload: { trace_block_size: traceBlockSize },
            },
            rows: hasContent ? rows : rows.map(({ ids: _, ...row }) => row),
          }),
        ),
    );

function naiveRows(naive: NaiveFlight) {
  return naive.requests.map((request) => {
    const { row, tokenNs, leftNs } = request;
    // What comes out after its client has left is nobody's; nor is it known which token it saw last.
    const seen = leftNs < 0 ? tokenNs : tokenNs.filter((ns) => ns <= leftNs);
    const last = leftNs < 0 ? seen.at(-1) : undefined;
    return {
      worker: naive.workerOf[row],
      status: RequestStatus[request.status],
      firstAdmitNs: request.firstAdmitNs,
      tokensNs: [seen[0], seen[1], last].map((ns) => ns ?? -1),
      terminalNs: request.terminalNs,
      outputTokens: seen.length,
      unread: tokenNs.length - seen.length,
      admissions: request.admissions,
      reused: [request.firstReused, request.mostReused],
    };
  });
}

/** As they are, or with clients who leave. */
const patience = (drawn: fc.Arbitrary<RandomFlight>) => fc.oneof(drawn, impatientRows(drawn));

test.for<[string, readonly string[] | undefined]>([
  ['any engine', undefined],
  ['SGLang alone', ['sglang']],
])(
  'stepping every pass equals a scheduler written the obvious way, request by request: %s',
  ([, backends]) => {
    let preemptions = 0;
    check(patience(flights(backends)), 280, (drawn) => {
      const naive = flyNaively(configOf(drawn, 'exact'), drawn.rows);
      const { requests: table, ...result } = flyRandom(drawn, 'exact');
      const ours = naive.requests.map(({ row }) => ({
        worker: table.worker[row],
        status: table.status[row],
        firstAdmitNs: table.firstAdmitNs[row],
        tokensNs: [table.firstTokenNs[row], table.secondTokenNs[row], table.lastTokenNs[row]],
        terminalNs: table.terminalNs[row],
        outputTokens: table.outputTokens[row],
        unread: table.unreadTokens[row] ?? 0,
        admissions: table.admissions[row],
        reused: [table.firstReusedTokens[row], table.reusedTokens[row]],
      }));
      expect(ours).toEqual(naiveRows(naive));
      const gaps = naive.workers.flatMap(({ gapsNs }) => gapsNs);
      const total = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0);
      expect({
        preemptions: result.preemptions,
        committed: result.committedPrefillTokens,
        gaps: [result.itlNs.count, result.itlNs.sum],
      }).toEqual({
        preemptions: total(naive.workers.map(({ preemptions }) => preemptions)),
        committed: total(naive.workers.map(({ committed }) => committed)),
        gaps: [gaps.length, total(gaps)],
      });
      preemptions += result.preemptions;
    });
    if (process.env.WINDTUNNEL_PATH === undefined) expect(preemptions).toBeGreaterThan(80);
  },
);
