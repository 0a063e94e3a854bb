import { isBypass, VERDICTS } from '#core/router/disaggregation/verdict.ts';
import type { HandOffTable } from '../cluster/hand-off.ts';
import { NEVER, type RequestTable } from '../workload/request-table.ts';

/** Where the prompts of the requests that arrived and count were computed, and why. */
export interface BypassSummary {
  readonly asked: number;
  /** On the decode worker, in all and by reason (VERDICTS); reasons that never held are left out. */
  readonly bypassed: number;
  readonly bypass: Readonly<Record<string, number>>;
  /** On a prefill worker, by reason. */
  readonly remote: Readonly<Record<string, number>>;
}

/** Counts verdicts; undefined where nobody asked for any. */
export function summariseBypasses(
  handOffs: HandOffTable,
  requests: RequestTable,
): BypassSummary | undefined {
  if (!handOffs.asks) return undefined;
  const counts = VERDICTS.map(() => 0);
  for (let row = 0; row < Math.min(handOffs.count, requests.count); row++) {
    const counted = requests.warmup[row] === 0 && requests.arrivalNs[row] !== NEVER;
    const verdict = handOffs.verdictOf(row);
    if (counted && verdict >= 0) counts[verdict]! += 1;
  }
  const named = (bypasses: boolean): Readonly<Record<string, number>> =>
    Object.fromEntries(
      VERDICTS.map((name, verdict) => [name, counts[verdict]!] as const).filter(
        ([, count], verdict) => count > 0 && isBypass(verdict) === bypasses,
      ),
    );
  const total = (part: readonly number[]): number => part.reduce((sum, count) => sum + count, 0);
  return {
    asked: total(counts),
    bypassed: total(counts.filter((_, verdict) => isBypass(verdict))),
    bypass: named(true),
    remote: named(false),
  };
}
