import fc from 'fast-check';
import { expect, test } from 'vitest';
import { generateTrace } from '#traces/generate/generate-trace.ts';
import { WORKLOAD_NAMES, WORKLOADS } from '#traces/generate/tenants.ts';
import { Cut } from '#traces/transform/cut.ts';
import { merged, rewritten, sourceOf } from '#traces/transform/memory-source.fixture.ts';
import { Sample } from '#traces/transform/sample.ts';
import { Scale } from '#traces/transform/scale.ts';

/** A generated trace whose timestamps are all different, so that time alone orders its rows. */
const trace = fc
  .record({
    name: fc.constantFrom(...WORKLOAD_NAMES),
    seed: fc.nat(1_000),
    requests: fc.integer({ min: 2, max: 60 }),
  })
  .map(({ name, seed, requests }) => {
    const options = { requestRate: 8, burstiness: 0.5, traceBlockSize: 4, seed, requests };
    const lines = [...generateTrace({ ...options, tenants: WORKLOADS[name] })];
    return lines.map((line, index) => {
      const row = JSON.parse(line);
      return `${JSON.stringify({ ...row, timestamp: row.timestamp + index / 1_000 })}\n`;
    });
  });

function sessionsOf(lines: readonly string[]): ReadonlyMap<string, number> {
  const turns = new Map<string, number>();
  for (const line of lines) {
    const row = JSON.parse(line);
    const name: string = row.session_id ?? `alone at ${row.timestamp}`;
    turns.set(name, (turns.get(name) ?? 0) + 1);
  }
  return turns;
}

test('what is written says what was read', async () => {
  await fc.assert(
    fc.asyncProperty(trace, async (lines) => {
      expect((await rewritten(sourceOf(lines), { take: () => true })).lines).toEqual(lines);
    }),
    { numRuns: 25 },
  );
});

test('the two parts of a cut, merged, are the trace', async () => {
  await fc.assert(
    fc.asyncProperty(trace, fc.double({ min: 0, max: 1, noNaN: true }), async (lines, share) => {
      const times = lines.map((line): number => JSON.parse(line).timestamp);
      const atMs = share * (times.at(-1)! - times[0]!);
      const parts: (readonly string[])[] = [];
      for (const span of [{ toMs: atMs }, { fromMs: atMs }]) {
        const part = await rewritten(sourceOf(lines), new Cut(span)).catch(() => undefined);
        if (part !== undefined) parts.push(part.lines);
      }
      const sources = parts.map((part, index) => sourceOf(part, `part ${index}`, 'mooncake', true));
      expect(await merged(sources, 'kept')).toEqual(lines);
    }),
    { numRuns: 40 },
  );
});

test('a sample holds sessions whole, in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      trace,
      fc.double({ min: 0.1, max: 1, noNaN: true }),
      fc.nat(99),
      async (lines, fraction, seed) => {
        const sample = await rewritten(sourceOf(lines), new Sample(fraction, seed)).catch(
          () => undefined,
        );
        if (sample === undefined) return;
        const whole = sessionsOf(lines);
        for (const [session, turns] of sessionsOf(sample.lines))
          expect(turns).toBe(whole.get(session));
        const kept = new Set(sample.lines);
        expect(sample.lines).toEqual(lines.filter((line) => kept.has(line)));
      },
    ),
    { numRuns: 40 },
  );
});

test('a scaled trace is a valid trace of the new block size', async () => {
  const factors = fc.constantFrom(0.25, 0.5, 0.75, 1.25, 3);
  await fc.assert(
    fc.asyncProperty(trace, factors, factors, async (lines, rate, lengths) => {
      const scaled = await rewritten(sourceOf(lines), new Scale({ file: 't', rate, lengths }));
      const { blockSize } = scaled.counts;
      expect(blockSize).toBe(4 * lengths);
      for (const [index, line] of scaled.lines.entries()) {
        const row = JSON.parse(line);
        const before = JSON.parse(lines[index]!);
        expect(row.hash_ids).toEqual(before.hash_ids);
        expect(Math.ceil(row.input_length / blockSize)).toBe(row.hash_ids.length);
        expect(row.timestamp * rate).toBeCloseTo(before.timestamp, 6);
      }
    }),
    { numRuns: 25 },
  );
});
