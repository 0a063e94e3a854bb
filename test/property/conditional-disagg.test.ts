import { expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import type { ConfigInput } from '#core/config/schema.ts';
import { JournalVerifier } from '#core/journal/verifier.ts';
import type { DecisionObserver } from '#core/router/decision-observer.ts';
import { isBypass } from '#core/router/disaggregation/verdict.ts';
import { openJournal } from '#sim/cluster/record-run.ts';
import { summariseBypasses } from '#sim/report/bypasses.ts';
import type { RunResult } from '#sim/report/run-result.ts';
import { type RunOptions, run } from '#sim/run.ts';
import { RequestStatus } from '#sim/workload/request-table.ts';
import { needReference } from '#test/shared.ts';
import type { TraceBatch } from '#traces/batch.ts';
import { readTraceFile } from '#traces/files.ts';

type RouterInput = NonNullable<ConfigInput['router']>;
type EngineInput = NonNullable<ConfigInput['engine']>;

const ARXIV = ['traces', 'mooncake', 'arxiv_mooncake_trace_first1000.jsonl.gz'] as const;

function configOf(router: RouterInput, engine: EngineInput = {}) {
  return resolveConfig({
    cluster: {
      pools: [
        { role: 'prefill', workers: 2 },
        { role: 'decode', workers: 2 },
      ],
    },
    engine: { block_size: 512, num_gpu_blocks: 600, ...engine },
    kv_transfer: { bytes_per_token: 131_072, bandwidth_gb_s: 50 },
    workload: { num_requests: 300, arrival_speedup_ratio: 2 },
    router: { conditional_disagg_enabled: true, ...router },
  });
}

function fly(
  batches: Iterable<TraceBatch>,
  config: ReturnType<typeof configOf>,
  more: Partial<RunOptions> = {},
): RunResult {
  return run({ config, seed: 7, batches, hasContent: true, sessions: 0, ...more });
}

async function readArxiv(path: string): Promise<Iterable<TraceBatch>> {
  return (await readTraceFile(path, { format: 'mooncake', traceBlockSize: 512 })).batches;
}

/** What became of each request, to the nanosecond. */
function rowsOf({ requests, handOffs }: RunResult): readonly string[] {
  const { count, status, worker, firstTokenNs, lastTokenNs, reusedTokens } = requests;
  return Array.from({ length: count }, (_, row) => {
    const times = `${firstTokenNs[row]} ${lastTokenNs[row]}`;
    return `${status[row]} ${worker[row]} ${times} ${reusedTokens[row]} ${handOffs!.verdictOf(row)}`;
  });
}

const POLICIES: readonly (readonly [string, RouterInput])[] = [
  ['isl_bounding', {}],
  [
    'prefill_load',
    {
      conditional_disagg_policy: 'prefill_load',
      conditional_disagg_prefill_busy_threshold: 0.5,
    },
  ],
  [
    'isl_or_load',
    {
      conditional_disagg_policy: 'isl_or_load',
      conditional_disagg_prefill_busy_threshold: 1,
      conditional_disagg_eff_isl_threshold: 512,
    },
  ],
  ['self_tuning', { conditional_disagg_policy: 'self_tuning' }],
];

test.for(POLICIES)(
  '%s: every request is asked once, and all are served',
  async (given, context) => {
    const [, router] = given;
    const batches = await readArxiv(needReference(context, ...ARXIV));
    const result = fly(batches, configOf(router));
    const { requests, handOffs } = result;
    let bypassed = 0;
    for (let row = 0; row < requests.count; row++) {
      expect(requests.status[row]).toBe(RequestStatus.completed);
      // A hand-off is what the others have, and only they.
      expect(handOffs!.has(row)).toBe(!isBypass(handOffs!.verdictOf(row)));
      if (isBypass(handOffs!.verdictOf(row))) bypassed++;
    }
    expect(bypassed).toBeGreaterThan(0);
    expect(bypassed).toBeLessThan(requests.count);
    const remote = requests.count - bypassed;
    const counted = summariseBypasses(handOffs!, requests);
    expect(counted).toMatchObject({ asked: requests.count, bypassed, remote: { remote } });
  },
);

/** Every pass takes a whole number of nanoseconds, so that nothing is rounded. */
const WHOLE: EngineInput = {
  timing: {
    type: 'linear',
    base_ms: 8,
    per_prefill_token_ms: 0.03125,
    per_decode_context_token_ms: 0.000015,
  },
};

test('the same run again, and stepped pass by pass, is the same', async (context) => {
  const batches = await readArxiv(needReference(context, ...ARXIV));
  const tuned: RouterInput = { conditional_disagg_policy: 'self_tuning' };
  const rows = rowsOf(fly(batches, configOf(tuned, WHOLE)));
  expect(rowsOf(fly(batches, configOf(tuned, WHOLE)))).toEqual(rows);
  expect(rowsOf(fly(batches, configOf(tuned, { ...WHOLE, stepping: 'exact' })))).toEqual(rows);
});

test('with the guard no bypass leaves more blocks in use than it allows', async (context) => {
  const batches = await readArxiv(needReference(context, ...ARXIV));
  const always: RouterInput = {
    conditional_disagg_eff_isl_threshold: 1_000_000,
    conditional_disagg_eff_isl_ratio_threshold: 1,
  };
  for (const threshold of [0.3, 0.6, 0.9]) {
    const blocks: number[] = [];
    const observer: DecisionObserver = {
      chosen: (_query, target) => target,
      judged: ({ potentialDecodeBlocks, totalDecodeBlocks }, verdict) => {
        if (isBypass(verdict)) blocks.push(potentialDecodeBlocks / totalDecodeBlocks);
      },
    };
    const guarded = { ...always, conditional_disagg_decode_busy_threshold: threshold };
    const { handOffs, requests } = fly(batches, configOf(guarded), { observer });
    expect(blocks.length).toBeGreaterThan(0);
    expect(Math.max(...blocks)).toBeLessThanOrEqual(threshold);
    const bypasses = summariseBypasses(handOffs!, requests);
    expect(bypasses?.remote.decode_full).toBeGreaterThan(0);
  }
});

test('the journal of each pool gives its decisions again, verdicts and all', async (context) => {
  const batches = await readArxiv(needReference(context, ...ARXIV));
  const journals = new Map<string, JournalVerifier>();
  const config = configOf({ conditional_disagg_policy: 'self_tuning' });
  const { handOffs, requests } = fly(batches, config, {
    journal: openJournal({ program: 'test' }, (chunk, pool) => {
      const journal = journals.get(pool) ?? new JournalVerifier(pool);
      journals.set(pool, journal);
      journal.push(chunk);
    }),
  });
  const remote = summariseBypasses(handOffs!, requests)?.remote.remote ?? 0;
  const [prefill, decode] = ['prefill', 'decode'].map((pool) => journals.get(pool)!.finish());
  expect(prefill).toMatchObject({ whole: true, decisions: remote, difference: undefined });
  const decisions = requests.count + remote;
  expect(decode).toMatchObject({ whole: true, decisions, difference: undefined });
});
