import * as fc from 'fast-check';
import type { TraceClient } from '#traces/client.ts';
import type { HandRow } from '../reference/hand-trace.ts';
import type { RandomFlight } from './random-flight.ts';

/** Spans as long as a pass, and as a request. */
const spanMs = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 300 }));

const client: fc.Arbitrary<TraceClient> = fc.oneof(
  fc.constant({}),
  spanMs.map((cancelAfterMs) => ({ cancelAfterMs })),
  fc.integer({ min: 1, max: 12 }).map((cancelAfterTokens) => ({ cancelAfterTokens })),
  spanMs.map((firstTokenTimeoutMs) => ({ firstTokenTimeoutMs })),
  spanMs.map((timeoutMs) => ({ timeoutMs })),
  fc.record({ cancelAfterMs: spanMs, timeoutMs: spanMs, firstTokenTimeoutMs: spanMs }),
  fc.constantFrom({ task: 'embed' as const }, { task: 'prefill_only' as const }),
);

const behaviour = fc.oneof(
  fc.constant({}),
  fc.record({
    client: fc.record({
      max_attempts: fc.integer({ min: 3, max: 5 }),
      retry_base_ms: fc.constantFrom(0, 1, 3, 20),
      retry_factor: fc.constantFrom(1, 2),
      retry_jitter_ratio: fc.constantFrom(0, 0.5),
      timeout_ms: fc.integer({ min: 60, max: 200 }),
      failed_turn: fc.constantFrom('continue', 'end'),
    }),
  }),
  fc.record({
    cancellation: fc.record({
      ratio: fc.constantFrom(0.3, 1),
      after_ms: spanMs,
      distribution: fc.constantFrom('constant', 'uniform', 'exponential'),
    }),
  }),
  fc.record({
    cancellation: fc.record({
      ratio: fc.constantFrom(0.3, 1),
      after_tokens: fc.integer({ min: 1, max: 20 }),
      distribution: fc.constantFrom('constant', 'uniform', 'exponential'),
    }),
  }),
);

/** A request that only has its prompt computed asks for no output. */
function withClient(row: HandRow, chosen: TraceClient): HandRow {
  const { task = 'generate' } = chosen;
  return { ...row, output: task === 'generate' ? row.output : 0, client: chosen };
}

/** The flights, with clients who leave as their rows say, and come never back. */
export function impatientRows(flights: fc.Arbitrary<RandomFlight>): fc.Arbitrary<RandomFlight> {
  const clients = fc.array(client, { minLength: 25, maxLength: 25 });
  return fc.tuple(flights, clients).map(([flight, drawn]) => ({
    ...flight,
    rows: flight.rows.map((row, index) => withClient(row, drawn[index]!)),
  }));
}

/** The same with clients who try again, and some who leave as the config says. */
export function impatient(flights: fc.Arbitrary<RandomFlight>): fc.Arbitrary<RandomFlight> {
  return fc.tuple(impatientRows(flights), behaviour).map(([flight, chosen]) => {
    const workload = { ...(flight.config.workload as object), ...chosen };
    return { ...flight, config: { ...flight.config, workload } };
  });
}
