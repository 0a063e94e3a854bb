import assert from 'node:assert/strict';
import type { ResolvedConfig } from '#core/config/schema.ts';
import type { RunResult } from '#sim/report/run-result.ts';
import { RequestStatus } from '#sim/workload/request-table.ts';
import { rowsWith, total } from './columns.ts';
import type { Law } from './law.ts';

/** Tokens at which outputs are cut off: by the model, or by the pool that has to hold them. */
function longest({ engine }: ResolvedConfig): number {
  const model = engine.max_model_len ?? Number.POSITIVE_INFINITY;
  if (engine.backend !== 'trtllm') return model;
  return Math.min(model, engine.num_gpu_blocks * engine.block_size);
}

/** Each token that was asked for comes once, as far as there is room for it. */
function holdOutputs({ requests: table }: RunResult, config: ResolvedConfig): void {
  const limit = longest(config);
  const trtllm = config.engine.backend === 'trtllm';
  for (const row of rowsWith(table, RequestStatus.completed)) {
    const room = limit - table.inputTokens[row]!;
    const asked = table.requestedTokens[row]!;
    assert.equal(table.outputTokens[row], Math.min(asked, room), `output of request ${row}`);
    const recomputed = asked === 0 || trtllm ? 0 : 1;
    const reused = table.firstReusedTokens[row]!;
    assert(reused <= table.inputTokens[row]! - recomputed, `request ${row} reused ${reused}`);
    assert(reused <= table.reusedTokens[row]!, `request ${row} reused most at first`);
  }
}

/** Each gap between two tokens is seen once. */
function holdGaps({ requests: table, itlNs }: RunResult): void {
  const spanned = rowsWith(table, RequestStatus.completed).filter(
    (row) => table.outputTokens[row]! > 0,
  );
  const gaps = total(spanned.map((row) => table.outputTokens[row]! - 1));
  assert.equal(itlNs.count, gaps, 'gaps between tokens');
}

/** What workers say they did is what requests say they got. */
function holdWork({ requests: table, tallies, ...result }: RunResult): void {
  const completed = rowsWith(table, RequestStatus.completed);
  const given = total(completed.map((row) => table.outputTokens[row]!));
  assert.equal(total(tallies.map(({ outputTokens }) => outputTokens)), given, 'tokens of workers');
  const computed = total(
    completed.map((row) => table.inputTokens[row]! - table.firstReusedTokens[row]!),
  );
  if (result.preemptions === 0) {
    assert.equal(result.committedPrefillTokens, computed, 'prompt tokens computed');
  } else {
    assert(result.committedPrefillTokens >= computed, 'prompts computed in part');
  }
}

export const tokensConserved: Law = {
  name: 'tokens are conserved',
  hold({ leap, exact }) {
    for (const { result, config } of [leap, exact]) {
      holdOutputs(result, config);
      if (config.simulation.max_sim_time_ms !== undefined) continue;
      holdWork(result);
      if (result.warmUp === undefined) holdGaps(result);
    }
  },
};
