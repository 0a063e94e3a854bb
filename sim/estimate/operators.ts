import type { ForwardPass, OperatorTime } from '#core/perf/pass/forward-pass.ts';
import { decodeSums, promptSums } from '#core/perf/pass/pass-sums.ts';
import type { Estimate } from './estimate.ts';
import { meanLength } from './lengths.ts';
import type { LoadPoint } from './load-point.ts';

/** The operators of the two kinds of passes that a load makes. */
export interface PassOperators {
  /** Of one prompt of mean length. */
  readonly prefill: readonly OperatorTime[];
  /** Of as many requests as run on a rank on average, in the middle of their outputs. */
  readonly decode: readonly OperatorTime[];
}

/** What a prefill and a decode pass of an answered question are made of. */
export function operatorsOf(
  { deployment, isl, osl }: LoadPoint,
  { running_requests }: Estimate,
  pass: ForwardPass,
): PassOperators {
  const prompt = Math.round(meanLength(isl));
  const requests = Math.max(1, Math.round(running_requests / deployment.dataParallel));
  const context = Math.round(requests * (prompt + meanLength(osl) / 2));
  return {
    prefill: pass.operators(promptSums(prompt)),
    decode: pass.operators(decodeSums(requests, context)),
  };
}
