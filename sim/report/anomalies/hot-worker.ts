import { NEVER } from '../../workload/request-table.ts';
import type { RunResult } from '../run-result.ts';
import type { Finding } from './evidence.ts';

/** All three bounds must be passed: how unequal, how unlikely by chance, and whether it matters. */
const LOAD_TO_MEAN = 1.5;
const DEVIATIONS = 5;
const BUSY_RATIO = 0.5;

/**
 * Hot worker: a target that computed at least 1.5 times the mean, five standard deviations beyond
 * what sending every request to a random target gives, and that was busy at least half of the time.
 * Load is tokens computed. Each request weighs what it brought: few heavy ones vary more than many
 * light ones, so the standard deviation is √(Σ tokens² · (1/n)(1 − 1/n)) for n targets.
 */
export function findHotWorkers(result: RunResult): Finding | undefined {
  const { tallies, simulatedNs } = result;
  const targets = tallies.length;
  const loads = tallies.map(({ prefillTokens, outputTokens }) => prefillTokens + outputTokens);
  const mean = loads.reduce((sum, load) => sum + load, 0) / targets;
  // In a run that took no time nobody was busy.
  if (targets < 2 || mean === 0 || simulatedNs === 0) return undefined;
  const deviation = Math.sqrt(sumOfSquares(result) * (1 / targets) * (1 - 1 / targets));
  // Nothing is known of what chance gives where requests brought nothing to compute.
  if (deviation === 0) return undefined;
  let count = 0;
  let worst = 0;
  for (const [target, load] of loads.entries()) {
    const isHot =
      load >= mean * LOAD_TO_MEAN &&
      load - mean >= deviation * DEVIATIONS &&
      tallies[target]!.busyNs >= simulatedNs * BUSY_RATIO;
    if (!isHot) continue;
    if (count === 0 || load > loads[worst]!) worst = target;
    count++;
  }
  if (count === 0) return undefined;
  return {
    count,
    evidence: {
      threshold: { load_to_mean: LOAD_TO_MEAN, deviations: DEVIATIONS, busy_ratio: BUSY_RATIO },
      worst: {
        worker: worst,
        load_to_mean: loads[worst]! / mean,
        deviations: (loads[worst]! - mean) / deviation,
        busy_ratio: tallies[worst]!.busyNs / simulatedNs,
      },
    },
  };
}

/** Σ over the requests of the square of the tokens that each brought to its worker. */
function sumOfSquares({ requests }: RunResult): number {
  let sum = 0;
  for (let row = 0; row < requests.count; row++) {
    if (requests.firstAdmitNs[row] === NEVER) continue;
    const computed = requests.inputTokens[row]! - requests.firstReusedTokens[row]!;
    sum += (computed + requests.outputTokens[row]!) ** 2;
  }
  return sum;
}
