import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import { JournalVerifier } from '#core/journal/verifier.ts';
import { run } from '#sim/run.ts';
import { JournalTrace } from '#ui/cli/journal/journal-trace.ts';
import { check } from './check.ts';
import { impatient, impatientRows } from './impatient-flight.ts';
import { flightArbitrary, flyRandom } from './random-flight.ts';
import { recordFlight } from './recorded-flight.ts';
import { routedFlightArbitrary } from './routed-flight.ts';

const patient = fc.oneof(
  flightArbitrary(['fixed', 'linear']),
  routedFlightArbitrary(['fixed', 'linear']),
);

const bytesOf = (lines: readonly string[]): Uint8Array => Buffer.from(`${lines.join('\n')}\n`);

/** The numbers of the lines with a letter. */
function linesOf(lines: readonly string[], letter: string): number[][] {
  const found = lines.filter((line) => line.startsWith(`["${letter}"`));
  return found.map((line) => JSON.parse(line).slice(1));
}

test('core decides again as it did, whoever leaves its queue or its workers, or comes back', () => {
  let given = 0;
  let waiting = 0;
  check(impatient(patient), 300, (flight) => {
    const lines = recordFlight(flight);
    const verifier = new JournalVerifier('run.journal.jsonl');
    verifier.push(bytesOf(lines));
    const decided = new Set(linesOf(lines, 'd').map(([request]) => request));
    const gone = linesOf(lines, 'f').map(([request]) => request);
    expect(verifier.finish()).toMatchObject({ whole: true, difference: undefined });
    given += gone.length;
    waiting += gone.filter((request) => !decided.has(request)).length;
    const { requests } = flyRandom(flight, 'leap');
    for (const [request, target] of linesOf(lines, 'd')) {
      expect(requests.worker[request!]).toBe(target);
    }
  });
  if (process.env.WINDTUNNEL_PATH !== undefined) return;
  expect(given).toBeGreaterThan(500);
  expect(waiting).toBeGreaterThan(5);
});

test('the trace of a journal has the same clients, who leave at the same moments', () => {
  check(impatientRows(patient), 200, (flight) => {
    if (JSON.stringify(flight.config.workload).includes('concurrency')) return;
    if (JSON.stringify(flight.config.router).includes('ttl')) return;
    const rows = flight.rows.map(({ session: _, delayMs: __, ...row }) => row);
    const lines = recordFlight({ ...flight, rows });
    const trace = new JournalTrace('run.journal.jsonl');
    const batch = trace.read(bytesOf(lines));
    const arrived = linesOf(lines, 'a').map(([request]) => request!);
    const config = resolveConfig({
      ...flight.config,
      workload: { trace_block_size: trace.blockSize },
    });
    const again = run({ config, seed: 7, batches: [batch], hasContent: true, sessions: 0 });
    const before = flyRandom({ ...flight, rows }, 'leap');
    const startNs = before.requests.arrivalNs[arrived[0]!]!;
    for (const [row, request] of arrived.entries()) {
      expect(again.requests.status[row]).toBe(before.requests.status[request]);
      expect(again.requests.terminalNs[row]).toBe(before.requests.terminalNs[request]! - startNs);
    }
  });
});
