import { setTimeout } from 'node:timers/promises';
import { startClock } from '#live/clock.ts';
import {
  askFor,
  type Felt,
  feltInRun,
  feltOf,
  mockEngine,
  mockRows,
} from '../contract/mock-traffic.ts';
import type { HandRow } from '../reference/hand-trace.ts';
import { startMockEngines } from '../support/mock-engines.ts';
import type { Verdict } from './lane.ts';

/** Passes of 40 ms and more, so that the milliseconds of a busy machine do not count. */
const SLOWNESS = 20;
const REQUESTS = 60;
const MOST_APART = 0.03;

/** A mock engine in real time against a run of the same traffic: means of TTFT and E2E within 3 %. */
export async function mockInRealTime(): Promise<Verdict> {
  const rows = mockRows(REQUESTS, SLOWNESS);
  const { engines, close } = await startMockEngines({ engine: mockEngine(SLOWNESS) });
  const { url } = engines[0]!;
  const { nowNs } = startClock();
  const beganNs = nowNs();
  const felt: Promise<Felt>[] = [];
  const sent: HandRow[] = [];
  for (const row of rows) {
    const arrivalNs = beganNs + row.atMs! * 1e6;
    await setTimeout(Math.max(0, (arrivalNs - nowNs()) / 1e6));
    const sentNs = nowNs();
    sent.push({ ...row, atMs: (sentNs - beganNs) / 1e6 });
    felt.push(askFor(row, url).then((response) => feltOf(response, sentNs, nowNs)));
  }
  const live = await Promise.all(felt);
  await close();
  // The run gets the times at which this machine came to send them.
  const flown = feltInRun(sent, SLOWNESS).felt;
  const apart = (['ttftNs', 'e2eNs'] as const).map((key) => mean(live, key) / mean(flown, key) - 1);
  const [ttft, e2e] = apart.map((share) => `${(100 * share).toFixed(2)} %`);
  return {
    passed: apart.every((share) => Math.abs(share) <= MOST_APART),
    text: `mean TTFT ${ttft} and mean E2E ${e2e} off a run's, ${REQUESTS} requests in real time`,
  };
}

function mean(felt: readonly Felt[], key: keyof Felt): number {
  return felt.reduce((sum, one) => sum + one[key], 0) / felt.length;
}
