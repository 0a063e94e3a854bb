import { expect, test } from 'vitest';
import type { RunResult } from '#sim/report/run-result.ts';
import { check } from './check.ts';
import { flightArbitrary, flyRandom, type RandomFlight } from './random-flight.ts';

const flights = flightArbitrary(['fixed', 'linear', 'table']);

/** The flight behind a KV router, with prefix caching, and so many events lost or doubled. */
function faulty(flight: RandomFlight, loss: number, duplicates: number): RandomFlight {
  const router = {
    mode: 'kv_router',
    kv_event_loss_ratio: loss,
    kv_event_duplicate_ratio: duplicates,
  };
  const engine = { ...flight.config.engine, enable_prefix_caching: true };
  return { ...flight, config: { ...flight.config, engine, router } };
}

function columns({ requests }: RunResult) {
  const { worker, overlapBlocks, bestOverlapBlocks, terminalNs } = requests;
  return [worker, overlapBlocks, bestOverlapBlocks, terminalNs].map((column) => [
    ...column.subarray(0, requests.count),
  ]);
}

test('events that arrive twice change nothing', () => {
  let duplicated = 0;
  check(flights, 150, (flight) => {
    const twice = flyRandom(faulty(flight, 0, 0.5), 'leap');
    expect(columns(twice)).toEqual(columns(flyRandom(faulty(flight, 0, 0), 'leap')));
    expect(twice.kvEvents?.orphaned).toBe(0);
    expect(twice.kvEvents?.lost).toBe(0);
    duplicated += twice.kvEvents?.duplicated ?? 0;
  });
  expect(duplicated).toBeGreaterThan(100);
});

test('a router that hears nothing believes nothing, and one that hears some is not told wrong', () => {
  let orphaned = 0;
  check(flights, 150, (flight) => {
    const deaf = flyRandom(faulty(flight, 1, 0), 'leap');
    const overlaps = deaf.requests.bestOverlapBlocks.subarray(0, deaf.requests.count);
    expect(Math.max(...overlaps)).toBeLessThanOrEqual(0);
    expect(deaf.kvEvents?.lost).toBe(deaf.kvEvents?.published);
    const some = flyRandom(faulty(flight, 0.3, 0), 'leap');
    expect(some.kvUsedAtEnd.every((share) => share === 0)).toBe(true);
    const { published = 0, lost = 0, orphaned: skipped = 0 } = some.kvEvents ?? {};
    expect(lost + skipped).toBeLessThanOrEqual(published);
    orphaned += skipped;
  });
  expect(orphaned).toBeGreaterThan(20);
});
