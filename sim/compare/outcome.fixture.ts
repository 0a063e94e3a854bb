import { openStream } from '#core/base/random.ts';
import { resolveConfig } from '#core/config/resolve.ts';
import { buildReport } from '../report/report.ts';
import { type HandRequest, handRun } from '../report/run-result.fixture.ts';
import { type Outcome, takeOutcome } from './outcome.ts';

/** The outcome of requests told by hand, for tests. */
export function handOutcome(requests: readonly HandRequest[]): Outcome {
  const result = handRun(requests);
  const report = buildReport(result, {
    config: resolveConfig({}),
    configSha256: 'c'.repeat(64),
    seed: 1,
    trace: HAND_TRACE,
  });
  return takeOutcome(report, result.requests);
}

export const HAND_TRACE = {
  path: 'hand.jsonl',
  sha256: 't'.repeat(64),
  format: 'mooncake',
  requests: 200,
} as const;

/**
 * An outcome of `rows` requests whose TTFT is 100 ms on average, times `scale`. Requests differ among
 * each other and between seeds; the same seed gives the same requests, so candidates are paired.
 */
export function noisyOutcome(seed: number, rows: number, scale: number, noise = 0): Outcome {
  const shared = openStream(seed, 'test.requests');
  const own = openStream(seed, `test.noise.${scale}`);
  return handOutcome(
    Array.from({ length: rows }, (_, row) => {
      const ttftMs = (50 + 50 * shared.nextExponential()) * scale + noise * own.nextNormal();
      const arrivalMs = row * 10;
      const firstMs = arrivalMs + Math.max(ttftMs, 0.1);
      const tokensMs = [firstMs, firstMs + 10, firstMs + 25];
      return { arrivalMs, admitMs: arrivalMs + 1, tokensMs, reused: [0, row % 100] };
    }),
  );
}
