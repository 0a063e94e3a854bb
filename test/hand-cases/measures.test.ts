import { expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import { buildReport } from '#sim/report/report.ts';
import { handRun } from '#sim/report/run-result.fixture.ts';

/** The summary of requests told by hand, of one worker with so many GPUs. */
function summaryOf(requests: Parameters<typeof handRun>[0], gpus_per_worker = 1) {
  const config = resolveConfig({ cluster: { workers: 1, gpus_per_worker } });
  const trace = { path: 't', sha256: '', format: 'mooncake', requests: requests.length };
  return buildReport(handRun(requests), { config, configSha256: '', seed: 1, trace }).summary;
}

test('§10.2: tokens at 50, 60, 75 and 95 ms', () => {
  const { ttft_ms, tpot_ms, e2e_ms } = summaryOf([{ arrivalMs: 0, tokensMs: [50, 60, 75, 95] }]);
  expect([ttft_ms.mean, tpot_ms.mean, e2e_ms.mean]).toEqual([50, 15, 95]);
});

test('§10.2: one gap of 10 and three of 30 make a mean TPOT of 20 and a mean ITL of 25', () => {
  const { tpot_ms, itl_ms } = summaryOf([
    { arrivalMs: 0, tokensMs: [10, 20] },
    { arrivalMs: 0, tokensMs: [10, 40, 70, 100] },
  ]);
  expect([tpot_ms.mean, itl_ms.mean]).toEqual([20, 25]);
});
