import assert from 'node:assert/strict';
import { poolsOf } from '#core/config/pools.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import type { RunResult } from '#sim/report/run-result.ts';
import { RequestStatus, type RequestTable, Task } from '#sim/workload/request-table.ts';
import { allRows, rowsWith, total } from './columns.ts';
import type { Law } from './law.ts';

/** Tokens at which outputs are cut off: by the model, or by the blocks of whoever decodes. */
function longest({ pools, blockSize }: RunResult, { engine }: ResolvedConfig): number {
  const model = engine.max_model_len ?? Number.POSITIVE_INFINITY;
  if (engine.backend !== 'trtllm') return model;
  return Math.min(model, pools.at(-1)!.totalKvBlocks * blockSize);
}

/** Each token that was asked for comes once, as far as there is room for it. */
function holdOutputs(result: RunResult, config: ResolvedConfig): void {
  const { requests: table } = result;
  const limit = longest(result, config);
  const trtllm = config.engine.backend === 'trtllm';
  for (const row of rowsWith(table, RequestStatus.completed)) {
    const room = limit - table.inputTokens[row]!;
    const asked = table.task[row] === Task.generate ? table.requestedTokens[row]! : 0;
    assert.equal(table.outputTokens[row], Math.min(asked, room), `output of request ${row}`);
    const recomputed = asked === 0 || trtllm ? 0 : 1;
    const reused = table.firstReusedTokens[row]!;
    assert(reused <= table.inputTokens[row]! - recomputed, `request ${row} reused ${reused}`);
    assert(reused <= table.reusedTokens[row]!, `request ${row} reused most at first`);
  }
}

/** Tokens that came out for a request, whether its client still wanted them or not. */
function generatedTokens(table: RequestTable, row: number): number {
  return table.outputTokens[row]! + (table.unreadTokens[row] ?? 0);
}

/**
 * What workers say they did is what requests got, and each gap between two tokens is seen once. Of
 * tokens that are sent in groups, a request that does not complete leaves less than a group unsent.
 */
function holdWork(
  { requests: table, itlNs, tallies, warmUp, ...result }: RunResult,
  config: ResolvedConfig,
): void {
  const generated = allRows(table).map((row) => generatedTokens(table, row));
  const told = total(tallies.map(({ outputTokens }) => outputTokens));
  assert.equal(told, total(generated), 'output tokens of workers');
  const prefilled = allRows(table).map((row) => table.prefilledTokens[row]!);
  assert.equal(result.committedPrefillTokens, total(prefilled), 'prompt tokens of workers');
  if (warmUp !== undefined) return;
  const gaps = total(generated.map((tokens) => Math.max(0, tokens - 1)));
  const most = Math.max(...poolsOf(config).map((pool) => pool.config.engine.stream_interval));
  const incomplete = table.count - rowsWith(table, RequestStatus.completed).length;
  const unsent = gaps - itlNs.count;
  assert(unsent >= 0 && unsent <= incomplete * (most - 1), `${unsent} gaps between tokens unseen`);
}

export const tokensConserved: Law = {
  name: 'tokens are conserved',
  hold({ leap, exact }) {
    for (const { result, config } of [leap, exact]) {
      holdOutputs(result, config);
      if (config.simulation.max_sim_time_ms === undefined) holdWork(result, config);
    }
  },
};
