import type { Ns } from '#core/base/time.ts';
import type { BypassQuery } from './bypass-query.ts';

/** A rule that says where a prompt is prefilled, as a code of `VERDICTS`. */
export interface DisaggregationPolicy {
  judge(query: Readonly<BypassQuery>, nowNs: Ns): number;
  /**
   * A remote prefill is done, so long after it was asked for, with so many prompt tokens before it
   * and of its own on its worker. Only for policies that learn.
   */
  prefilled?(tokens: number, tookNs: Ns): void;
  /**
   * Its KV blocks are on the decode worker, so long after the prefill, or with what it waited for room
   * there before the prefill.
   */
  handedOver?(tookNs: Ns): void;
}
