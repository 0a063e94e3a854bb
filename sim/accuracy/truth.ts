import type { MeasuredRow } from '../estimate/measured/measured-row.ts';

/** What a source measured of a point, where it did; milliseconds and tokens a second. */
export interface Truth {
  readonly tpotMs?: number;
  readonly ttftMs?: number;
  readonly e2eMs?: number;
  readonly outputTokensPerS?: number;
  /** Completed; scored nowhere. */
  readonly requestsPerS?: number;
}

/** The latencies and rates that are scored. */
export const SCORED = ['tpotMs', 'ttftMs', 'e2eMs', 'outputTokensPerS'] as const;

export type ScoredMetric = (typeof SCORED)[number];

/**
 * Reads what can be compared off a row. Where a source counts each streamed token twice, its own
 * `derived` value is taken; a saturated server whose gaps alone are published is scored by its
 * running requests over its output rate, which is what a token cost each of them; the latency of a
 * static batch is that of the whole batch; where ends are ignored, the length that was asked for is
 * the one that was made, and a count of tokens made of the text again is too low.
 */
export function truthOf({ metrics = {}, workload }: MeasuredRow): Truth {
  const value = (key: string): number | undefined => {
    const measured = metrics[key];
    return typeof measured === 'number' && measured > 0 ? measured : undefined;
  };
  const { ignore_eos, osl_nominal } = workload;
  const requestsPerS = value('req_s');
  const outputTokensPerS =
    ignore_eos && osl_nominal !== undefined && requestsPerS !== undefined
      ? requestsPerS * osl_nominal
      : value('output_tok_s');
  const running = value('avg_running');
  const steady =
    running === undefined || outputTokensPerS === undefined
      ? undefined
      : (running / outputTokensPerS) * 1000;
  const tpotMs = value('tpot_mean_ms') ?? value('tpot_mean_derived_ms') ?? steady;
  // Everything that arrives at once waits for all before it: a queue, not a first token.
  const ttftMs = workload.kind === 'burst' ? undefined : value('ttft_mean_ms');
  const e2eMs = value('e2e_mean_ms');
  return {
    ...(tpotMs !== undefined && { tpotMs }),
    ...(ttftMs !== undefined && { ttftMs }),
    ...(e2eMs !== undefined && { e2eMs }),
    ...(outputTokensPerS !== undefined && { outputTokensPerS }),
    ...(requestsPerS !== undefined && { requestsPerS }),
  };
}
