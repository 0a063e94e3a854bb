import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { TraceCollector } from '../collector.ts';
import type { LoadedTrace } from '../loaded-trace.ts';
import { type GenerateOptions, generateTrace } from './generate-trace.ts';
import { WORKLOADS } from './tenants.ts';

const OPTIONS: GenerateOptions = {
  tenants: WORKLOADS.mixed,
  requests: 3_000,
  requestRate: 8,
  burstiness: 1,
  seed: 42,
  traceBlockSize: 512,
};

function generate(changes: Partial<GenerateOptions> = {}): string {
  return [...generateTrace({ ...OPTIONS, ...changes })].join('');
}

function load(text: string, traceBlockSize = 512): LoadedTrace {
  const collector = new TraceCollector('t', { format: 'auto', traceBlockSize });
  collector.push(new TextEncoder().encode(text));
  return collector.finish('');
}

test('makes the sample again, to the byte', () => {
  const sample = join(import.meta.dirname, '..', 'samples', 'mixed.jsonl.gz');
  expect(generate()).toBe(gunzipSync(readFileSync(sample)).toString('utf8'));
});

test('another seed makes another trace', () => {
  expect(generate({ requests: 50, seed: 43 })).not.toBe(generate({ requests: 50 }));
});

test('what it makes is a valid trace of the asked size, at any block size', () => {
  for (const traceBlockSize of [1, 16, 512]) {
    const trace = load(generate({ requests: 150, traceBlockSize }), traceBlockSize);
    expect(trace.requests).toBe(150);
  }
});

test('a later prompt begins with the full blocks of the one before', () => {
  const batch = load(generate({ tenants: WORKLOADS.chat, requests: 800 })).batches[0]!;
  const last = new Map<string, readonly number[]>();
  let compared = 0;
  for (let row = 0; row < batch.count; row++) {
    const ids = [...batch.hashIds.subarray(batch.hashStart[row]!, batch.hashStart[row + 1]!)];
    const session = batch.sessionId[row]!;
    const before = last.get(session);
    if (before !== undefined) {
      expect(ids.slice(0, before.length)).toEqual(before);
      compared++;
    }
    last.set(session, ids.slice(0, Math.floor(batch.inputTokens[row]! / 512)));
  }
  expect(compared).toBeGreaterThan(100);
});

test('several tenants are named, one is not', () => {
  const tenants = (text: string) =>
    new Set(
      text
        .trimEnd()
        .split('\n')
        .map((line): unknown => JSON.parse(line).tenant),
    );
  expect(tenants(generate({ requests: 200 }))).toEqual(new Set(['questions', 'chat', 'agents']));
  expect(tenants(generate({ tenants: WORKLOADS.chat, requests: 50 }))).toEqual(
    new Set([undefined]),
  );
});

test('tenants do not move each other: alone or together, the same sessions come', () => {
  const [questions, chat] = WORKLOADS.mixed;
  const alone = generate({ tenants: [chat], requests: 100, requestRate: 4 });
  const together = generate({ tenants: [{ ...questions, share: 0.4 }, chat], requests: 100 });
  const lengths = (text: string): unknown[] =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter((row) => String(row.session_id).startsWith('chat-'))
      .map(({ session_id, input_length, output_length }) => [
        session_id,
        input_length,
        output_length,
      ]);
  const few = lengths(together).slice(0, 20);
  expect(few).toHaveLength(20);
  expect(few).toEqual(lengths(alone).slice(0, 20));
});
