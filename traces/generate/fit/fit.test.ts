import { expect, test } from 'vitest';
import { needReference } from '#test/shared.ts';
import { TraceCollector } from '../../collector.ts';
import { readTraceFile } from '../../files.ts';
import type { LoadedTrace } from '../../loaded-trace.ts';
import { MooncakeWriter } from '../../transform/mooncake-writer.ts';
import { generateTrace } from '../generate-trace.ts';
import { WORKLOADS } from '../tenants.ts';
import { type Closeness, closenessOf, curveDistance } from './closeness.ts';
import { ksDistance, shapeDistance } from './distance.ts';
import { fitTrace } from './fit-trace.ts';
import { generateFit } from './generate-fit.ts';
import { marginalsOf, marginalsOfFit } from './marginals.ts';
import { quantilesOf, shareUpTo, valueAt } from './quantiles.ts';
import { checkFit } from './trace-fit.ts';

function load(lines: Iterable<string>): LoadedTrace {
  const collector = new TraceCollector('t', { format: 'mooncake', requireTimestamps: false });
  for (const line of lines) collector.push(new TextEncoder().encode(line));
  return collector.finish('');
}

const chat = load(
  generateTrace({
    tenants: WORKLOADS.chat,
    requests: 1_500,
    requestRate: 8,
    burstiness: 1,
    seed: 5,
    traceBlockSize: 512,
  }),
);

function closeness(trace: LoadedTrace, seed: number): Closeness {
  const fit = checkFit(JSON.parse(JSON.stringify(fitTrace(trace))), 'fit.json');
  const batches = [...generateFit(fit, { requests: trace.requests, seed })];
  const { hasContent, traceBlockSize } = trace;
  return closenessOf(
    marginalsOf(trace.batches, hasContent, traceBlockSize),
    marginalsOf(batches, hasContent, traceBlockSize),
  );
}

test('the KS distance of two samples, by hand', () => {
  expect(ksDistance([1, 2, 3, 4], [1, 2, 3, 4])).toBe(0);
  expect(ksDistance([1, 1, 1, 5], [1, 5, 5, 5])).toBe(0.5);
  expect(ksDistance([1, 2], [3, 4])).toBe(1);
  expect(ksDistance([], [1])).toBeNaN();
  expect(shapeDistance([0.5, 0.5, 0], [0.25, 0.5, 0.25])).toBe(0.25);
});

test('a table gives its quantiles back, and values that many rows have stay', () => {
  const table = quantilesOf([0, 7, 7, 7, 7, 7, 7, 7, 31], 8)!;
  expect(table).toEqual([0, 7, 7, 7, 7, 7, 7, 7, 31]);
  expect([valueAt(table, 0), valueAt(table, 0.5)]).toEqual([0, 7]);
  // Half-way between 7 and 31 by their logarithm: √(8 · 32) − 1.
  expect(valueAt(table, 0.9375)).toBeCloseTo(15, 9);
  expect([shareUpTo(table, -1), shareUpTo(table, 7), shareUpTo(table, 31)]).toEqual([0, 0.875, 1]);
  expect(shareUpTo(table, 15)).toBeCloseTo(0.9375, 9);
  expect(quantilesOf([], 8)).toBeUndefined();
});

test('curves are compared at powers of two, between points by the logarithm of the size', () => {
  const one = [
    [1, 0],
    [4, 0.4],
  ] as const;
  const other = [
    [1, 0],
    [16, 0.4],
  ] as const;
  // At 1, 2, 4, 8, 16: 0, 0.2, 0.4, 0.4, 0.4 against 0, 0.1, 0.2, 0.3, 0.4.
  const { max, maxAtBlocks, mean, ceilings } = curveDistance(one, other);
  expect([max, maxAtBlocks, ceilings]).toEqual([expect.closeTo(0.2), 4, [0.4, 0.4]]);
  expect(mean).toBeCloseTo(0.08);
});

test('a fit generates chats like those that it was made of', () => {
  const like = closeness(chat, 1);
  for (const distance of [like.inputTokens, like.outputTokens, like.turns, like.thinkMs]) {
    expect(distance).toBeLessThan(0.1);
  }
  expect(like.gapsMs).toBeLessThan(0.1);
  expect(like.hitCurve!.max).toBeLessThan(0.15);
  expect(like.hitCurve!.ceilings[1]).toBeCloseTo(like.hitCurve!.ceilings[0], 1);
});

test('the same fit and seed give the same rows, another seed gives others', () => {
  const fit = fitTrace(chat);
  const lines = (seed: number): string[] => {
    const writer = new MooncakeWriter('kept');
    return [...generateFit(fit, { requests: 300, seed })].flatMap((batch) =>
      Array.from({ length: batch.count }, (_, row) => writer.line(batch, row, 512, 'fit')),
    );
  };
  expect(lines(3)).toEqual(lines(3));
  expect(lines(3)).not.toEqual(lines(4));
  const read = load(lines(3));
  expect(read.requests).toBe(300);
  expect(read.sessions).toBeGreaterThan(20);
});

test('a fit holds no row of the trace: its size does not grow with it', () => {
  const twice = load(
    generateTrace({
      tenants: WORKLOADS.chat,
      requests: 3_000,
      requestRate: 8,
      burstiness: 1,
      seed: 5,
      traceBlockSize: 512,
    }),
  );
  const text = JSON.stringify(fitTrace(chat));
  expect(JSON.stringify(fitTrace(twice)).length).toBeLessThan(text.length * 1.1);
  expect(text).not.toMatch(/chat-\d/);
});

test('the tables of a fit stand for its trace when there is no trace to compare with', () => {
  const { batches, hasContent, traceBlockSize } = chat;
  const like = closenessOf(
    marginalsOfFit(fitTrace(chat)),
    marginalsOf(batches, hasContent, traceBlockSize),
  );
  for (const distance of [
    like.inputTokens,
    like.outputTokens,
    like.turns,
    like.thinkMs,
    like.gapsMs,
  ]) {
    expect(distance).toBeLessThan(0.01);
  }
  expect(like.hitCurve!.max).toBeLessThan(1e-4);
});

test('without times of arrival sessions stand one behind the other', () => {
  const rows = [0, 1, 2].flatMap((session) =>
    [0, 1].map((turn) => ({
      session_id: `s${session}`,
      ...(turn > 0 && { delay: 5_000 }),
      input_length: 600 + 700 * turn,
      output_length: 9,
      hash_ids: turn === 0 ? [session * 10, session * 10 + 1] : [session * 10, 9 + session, 8],
    })),
  );
  const fit = fitTrace(load(rows.map((row) => `${JSON.stringify(row)}\n`)));
  expect(fit.arrivals).toBeUndefined();
  const batch = [...generateFit(fit, { requests: 6, seed: 1 })][0]!;
  expect(batch.sessionId).toEqual(['s0', 's0', 's1', 's1', 's2', 's2']);
  expect(batch.timestampMs[0]).toBeNaN();
  const timed = [...generateFit(fit, { requests: 6, seed: 1, requestRate: 10 })][0]!;
  expect(timed.timestampMs[0]).toBeGreaterThanOrEqual(0);
});

test('a broken fit is refused by its path', () => {
  const fit = fitTrace(chat);
  expect(() => checkFit({ ...fit, version: 2 }, 'f')).toThrow('f: version: the fit has version 2');
  expect(() => checkFit({ ...fit, requests: -1 }, 'f')).toThrow('f: requests: not a fit');
  expect(() => checkFit({ ...fit, more: 1 }, 'f')).toThrow('not a fit');
  expect(() => checkFit(3, 'f')).toThrow('not a fit');
});

test('the Mooncake conversation trace: KS within 0.05, hit ratios within 0.03', async (context) => {
  const path = needReference(context, 'traces', 'mooncake', 'conversation_trace.jsonl.gz');
  const like = closeness(await readTraceFile(path, { format: 'mooncake' }), 42);
  expect(like.inputTokens).toBeLessThan(0.05);
  expect(like.outputTokens).toBeLessThan(0.05);
  expect(like.gapsMs).toBeLessThan(0.05);
  expect(like.gapCv![1] / like.gapCv![0]).toBeCloseTo(1, 1);
  expect(like.rateShape).toBeLessThan(0.05);
  expect(like.hitCurve!.max).toBeLessThan(0.03);
});
