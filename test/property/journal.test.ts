import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { InputError } from '#core/base/errors.ts';
import { resolveConfig } from '#core/config/resolve.ts';
import { JournalVerifier, type Verification } from '#core/journal/verifier.ts';
import { openJournal } from '#sim/cluster/record-run.ts';
import { run } from '#sim/run.ts';
import { JournalTrace } from '#ui/cli/journal/journal-trace.ts';
import { check } from './check.ts';
import { flightArbitrary, flyRandom } from './random-flight.ts';
import { recordFlight } from './recorded-flight.ts';
import { routedFlightArbitrary } from './routed-flight.ts';

const flight = fc.oneof(
  flightArbitrary(['fixed', 'linear']),
  routedFlightArbitrary(['fixed', 'linear']),
);

function verify(bytes: Uint8Array): Verification {
  const verifier = new JournalVerifier('run.journal.jsonl');
  verifier.push(bytes);
  return verifier.finish();
}

const bytesOf = (lines: readonly string[]): Uint8Array => Buffer.from(`${lines.join('\n')}\n`);

/** Places of the lines that hold a decision. */
function decisionsIn(lines: readonly string[]): number[] {
  return lines.flatMap((line, at) => (line.startsWith('["d"') ? [at] : []));
}

test('core alone decides again as it did in any flight', () => {
  check(flight, 120, (drawn) => {
    const lines = recordFlight(drawn);
    expect(verify(bytesOf(lines))).toMatchObject({
      lines: lines.length,
      whole: true,
      decisions: drawn.rows.length,
      difference: undefined,
    });
  });
});

test('to be recorded changes nothing in a flight, and the same flight gives the same journal', () => {
  check(flight, 100, (drawn) => {
    const lines = recordFlight(drawn);
    expect(recordFlight(drawn)).toEqual(lines);
    const { requests } = flyRandom(drawn, 'leap');
    const targets = decisionsIn(lines).map((at) => JSON.parse(lines[at]!));
    for (const [, request, target] of targets) expect(requests.worker[request]).toBe(target);
  });
});

test('the first decision that was changed is the one that is found', () => {
  check(
    fc.tuple(flight, fc.nat(), fc.constantFrom(1, 2, 3, 4, 5)),
    200,
    ([drawn, pick, column]) => {
      const lines = recordFlight(drawn);
      const places = decisionsIn(lines);
      const decision = pick % places.length;
      const at = places[decision]!;
      const row = JSON.parse(lines[at]!);
      row[column + 1] += 1;
      const { difference } = verify(bytesOf(lines.with(at, JSON.stringify(row))));
      expect(difference).toMatchObject({ decision, line: at + 1 });
      expect(Object.values(difference?.journal ?? {})).toEqual(row.slice(1));
      expect(difference?.core).not.toEqual(difference?.journal);
    },
  );
});

/** Where the requests of a journal were sent, in order. */
function targetsIn(lines: readonly string[]): number[] {
  return decisionsIn(lines).map((at) => JSON.parse(lines[at]!)[2]);
}

test('the trace of a journal, flown by its own times, is routed as the journal was', () => {
  check(flight, 120, (drawn) => {
    // Within one instant, whoever follows an end comes after it; a time alone does not say so.
    const arrivals = JSON.stringify(drawn.config.workload);
    if (arrivals.includes('concurrency')) return;
    // A router that forgets by time does so at whole tenths of a second since its start, and the
    // trace of a journal starts at its first request.
    if (JSON.stringify(drawn.config.router).includes('ttl')) return;
    const rows = drawn.rows.map(({ session: _, delayMs: __, ...row }) => row);
    const lines = recordFlight({ ...drawn, rows });
    const trace = new JournalTrace('run.journal.jsonl');
    const batch = trace.read(bytesOf(lines));
    const config = resolveConfig({
      ...drawn.config,
      workload: { trace_block_size: trace.blockSize },
    });
    const pieces: Uint8Array[] = [];
    const journal = openJournal({ program: 'test' }, (chunk) => void pieces.push(chunk));
    run({ config, seed: 7, batches: [batch], hasContent: true, sessions: 0, journal });
    const again = Buffer.concat(pieces).toString('utf8').split('\n').slice(0, -1);
    expect(targetsIn(again)).toEqual(targetsIn(lines));
  });
});

test('a damaged journal is refused by its line, or differs, and never breaks the verifier', () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 });
  check(fc.tuple(flight, damage, fc.boolean(), fc.boolean()), 240, (drawnAll) => {
    const [drawn, bytes, digitsOnly, firstLine] = drawnAll;
    const journal = bytesOf(recordFlight(drawn));
    const headerEnd = journal.indexOf(10);
    for (const [pick, byte] of bytes) {
      const [from, length] = firstLine
        ? [0, headerEnd + 1]
        : [headerEnd + 1, journal.length - headerEnd - 1];
      const at = from + (pick % length);
      const digit = 48 + (byte % 10);
      if (!digitsOnly) journal[at] = byte;
      else if (journal[at]! >= 48 && journal[at]! <= 57) journal[at] = digit;
    }
    try {
      expect(verify(journal).lines).toBeGreaterThan(0);
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
      expect(error).toMatchObject({
        code: expect.stringMatching(/^journal_(invalid|version_unsupported)$/),
        data: { line: expect.any(Number) },
      });
    }
  });
});
