import fc from 'fast-check';
import { expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import { drawnRows } from '#test/reference/drawn-rows.ts';
import { type HandRow, traceOf } from '#test/reference/hand-trace.ts';
import { run } from '../run.ts';
import { openEngineModel } from './engine-model.ts';
import { LateArrivals } from './late-arrivals.ts';
import { type ShadowRequest, ShadowWorker } from './shadow-worker.ts';

const LINEAR = {
  type: 'linear',
  base_ms: 1,
  per_prefill_token_ms: 0.25,
  per_prefill_context_token_ms: 0.01,
  per_decode_request_ms: 0.5,
  per_decode_context_token_ms: 0.02,
};

function configOf(engine: object): ResolvedConfig {
  return resolveConfig({
    cluster: { workers: 1 },
    engine: { block_size: 4, timing: LINEAR, ...engine },
    router: { mode: 'round_robin' },
    workload: { trace_block_size: 4 },
  });
}

/** A request whose answer is as long as it asks for. */
function requestOf({ input, output, ids = [] }: HandRow): ShadowRequest {
  return {
    rank: 0,
    inputTokens: input,
    hashes: ids.slice(0, Math.floor(input / 4)).map(BigInt),
    knownBlocks: 0,
    mostOutputTokens: output,
    outputTokens: output,
    task: 0,
    priority: 0,
  };
}

/** Times of the last request as the shadow foresees them when it comes, and as a run has them. */
function foreseen(config: ResolvedConfig, rows: readonly HandRow[]) {
  const worker = new ShadowWorker(openEngineModel(config));
  for (const [name, row] of rows.entries()) worker.submit(name, requestOf(row), row.atMs! * 1e6);
  const outlook = worker.outlook(false);
  const { requests } = run({ config, seed: 1, ...traceOf(rows) });
  const last = rows.length - 1;
  const flown = {
    firstTokenNs: requests.firstTokenNs[last]!,
    lastTokenNs: requests.lastTokenNs[last]!,
  };
  return { outlook, flown, worker };
}

const rowsOf = drawnRows({
  ...{ gapMsMax: 12, inputMax: 60, outputMax: 20 },
  ...{ blockSize: 4, sharedBlocks: 6 },
});

test('alone on a worker: one pass for the prompt, one for each token behind the first', () => {
  const config = configOf({ num_gpu_blocks: 64 });
  const { outlook } = foreseen(config, [
    { atMs: 3, input: 40, output: 3, ids: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] },
  ]);
  // 3 + 1 + 40 · 0.25, then two passes of 1 + 0.5 + 0.02 for each token of context: 41, 42.
  expect(outlook).toEqual({ firstTokenNs: 14e6, lastTokenNs: 14e6 + 2.32e6 + 2.34e6 });
});

test.each([
  ['vllm', { num_gpu_blocks: 400 }],
  ['vllm with a full batch', { num_gpu_blocks: 400, max_num_seqs: 4 }],
  ['vllm without a cache', { num_gpu_blocks: 400, enable_prefix_caching: false }],
  ['sglang', { backend: 'sglang', num_gpu_blocks: 400 }],
  ['trtllm', { backend: 'trtllm', num_gpu_blocks: 400 }],
])('%s: with nobody behind it, a request goes as foreseen', (_, engine) => {
  const config = configOf(engine);
  fc.assert(
    fc.property(rowsOf, (rows) => {
      const { outlook, flown } = foreseen(config, rows);
      expect(outlook).toEqual(flown);
    }),
    { numRuns: 30 },
  );
});

test('prompts in pieces: foreseen but for the context of less than a block', () => {
  const config = configOf({ num_gpu_blocks: 400, max_num_batched_tokens: 64 });
  fc.assert(
    fc.property(rowsOf, (rows) => {
      const { outlook, flown } = foreseen(config, rows);
      const sentNs = rows.at(-1)!.atMs! * 1e6;
      for (const key of ['firstTokenNs', 'lastTokenNs'] as const) {
        const ratio = (outlook![key] - sentNs) / (flown[key] - sentNs);
        expect(Math.abs(Math.log(ratio))).toBeLessThan(0.1);
      }
    }),
  );
});

test('what the real engine has ended is gone here, and blocks are named no longer than they are cached', () => {
  const config = configOf({ num_gpu_blocks: 20 });
  const worker = new ShadowWorker(openEngineModel(config));
  const rest = {
    rank: 0,
    inputTokens: 32,
    knownBlocks: 0,
    mostOutputTokens: 500,
    outputTokens: 9,
    task: 0,
  };
  for (let name = 0; name < 200; name++) {
    const hashes = Array.from({ length: 8 }, (_, block) => BigInt(100 * name + block));
    worker.submit(name, { ...rest, hashes, priority: 0 }, name * 20e6);
    expect(worker.requests).toBe(1);
    worker.end(name, 1, name * 20e6 + 15e6);
    expect(worker.requests).toBe(0);
    expect(worker.contents).toBeLessThanOrEqual(20 + 8);
  }
});

test('what the engine says it has cached need not be computed; who can never fit has no outlook', () => {
  const worker = new ShadowWorker(openEngineModel(configOf({ num_gpu_blocks: 20 })));
  const rest = { rank: 0, mostOutputTokens: 2, outputTokens: 2, task: 0, priority: 0 };
  const hashes = Array.from({ length: 10 }, (_, block) => BigInt(block + 1));
  worker.submit(0, { ...rest, inputTokens: 40, hashes, knownBlocks: 8 }, 0);
  // 1 + 8 · 0.25 and 0.01 for each of 32 cached tokens.
  expect(worker.outlook(false)!.firstTokenNs).toBe(3.32e6);
  worker.submit(1, { ...rest, inputTokens: 90, hashes: [], knownBlocks: 0 }, 1);
  expect(worker.outlook(false)).toBeUndefined();
});

test('requests that come as they have lately delay an answer, and not its first token', () => {
  const config = configOf({ num_gpu_blocks: 4000 });
  const worker = new ShadowWorker(openEngineModel(config));
  const rest = { rank: 0, hashes: [], knownBlocks: 0, mostOutputTokens: 200, task: 0, priority: 0 };
  const lengths = { inputTokens: 40, outputTokens: 100 };
  for (let name = 0; name < 4; name++) worker.submit(name, { ...rest, ...lengths }, name * 100e6);
  const alone = worker.outlook(false)!;
  const amid = worker.outlook(true)!;
  expect(amid.firstTokenNs).toBe(alone.firstTokenNs);
  // Each comes 100 ms behind the other, and 40 tokens of a prompt take 10 ms.
  const behind = Math.floor((amid.lastTokenNs - 300e6) / 100e6);
  expect(amid.lastTokenNs - alone.lastTokenNs).toBeGreaterThan(behind * 10e6);
});

test('what has come comes again in the distances in which it came, once, or four times when 64 have', () => {
  const late = new LateArrivals();
  const rest = { rank: 0, cachedTokens: 8, outputTokens: 5, task: 0, priority: 0 };
  expect([...late.again()]).toEqual([]);
  for (const atMs of [100, 130, 190]) late.add({ ...rest, atNs: atMs * 1e6, inputTokens: atMs });
  const times = [...late.again()].map(({ atNs, inputTokens }) => [atNs / 1e6, inputTokens]);
  expect(times).toEqual([
    [250, 122],
    [280, 92],
  ]);
  for (let atMs = 200; atMs <= 900; atMs += 10)
    late.add({ ...rest, atNs: atMs * 1e6, inputTokens: 9 });
  const many = [...late.again()];
  expect(many).toHaveLength(4 * 64);
  expect(many.map(({ atNs }) => atNs / 1e6)).toEqual(many.map((_, at) => 910 + 10 * at));
});

test('in hindsight a request took here what it took in a run, whoever came meanwhile', () => {
  const config = configOf({ num_gpu_blocks: 400 });
  fc.assert(
    fc.property(rowsOf, (rows) => {
      const { requests } = run({ config, seed: 1, ...traceOf(rows) });
      const worker = new ShadowWorker(openEngineModel(config));
      const facts = rows.flatMap((row, name) => [
        { name, atNs: row.atMs! * 1e6, row },
        { name, atNs: requests.lastTokenNs[name]!, row: undefined },
      ]);
      for (const { name, atNs, row } of facts.sort((a, b) => a.atNs - b.atNs)) {
        if (row !== undefined) worker.submit(name, requestOf(row), atNs);
        else expect(worker.end(name, rows[name]!.output, atNs)).toBe(atNs);
      }
      expect(worker.requests).toBe(0);
    }),
  );
});
