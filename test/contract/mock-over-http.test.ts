import { setImmediate } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import type { HandRow } from '#test/reference/hand-trace.ts';
import { type RunningMocks, startMockEngines } from '#test/support/mock-engines.ts';
import { VirtualClock } from '#test/support/virtual-clock.ts';
import { askFor, type Felt, feltInRun, feltOf, mockEngine, mockRows } from './mock-traffic.ts';

let mocks: RunningMocks | undefined;

afterEach(() => mocks?.close());

/** The clock moves on when the client has read all that the engine has said by then. */
async function feltOverHttp(rows: readonly HandRow[]): Promise<readonly Felt[]> {
  const clock = new VirtualClock();
  mocks = await startMockEngines({ clock, engine: mockEngine(1) });
  const { url, mock } = mocks.engines[0]!;
  let heard = 0;
  const hearAll = async (): Promise<void> => {
    const said = mock.life.view().ranks[0]!.stats.generationTokens;
    while (heard < said) await setImmediate();
  };
  const ring = async (): Promise<void> => {
    clock.ring();
    await hearAll();
  };
  const felt: Promise<Felt>[] = [];
  for (const row of rows) {
    const arrivalNs = row.atMs! * 1e6;
    while (clock.nextNs < arrivalNs) await ring();
    clock.moveTo(arrivalNs);
    const response = await askFor(row, url);
    felt.push(
      feltOf(
        response,
        arrivalNs,
        () => clock.nowNs(),
        () => heard++,
      ),
    );
    // Tokens of passes that ended at this very moment are older than the request.
    await hearAll();
  }
  while (clock.nextNs < Number.POSITIVE_INFINITY) await ring();
  return Promise.all(felt);
}

test('a client of the mock engine feels, to the nanosecond, what a run says', async () => {
  const rows = mockRows(24, 1);
  const { felt, preemptions } = feltInRun(rows, 1);
  expect(preemptions).toBeGreaterThan(0);
  expect(await feltOverHttp(rows)).toEqual(felt);
});
