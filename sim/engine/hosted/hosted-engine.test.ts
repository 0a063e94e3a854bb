import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Ns } from '#core/base/time.ts';
import { resolveConfig } from '#core/config/resolve.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import { drawnRows } from '#test/reference/drawn-rows.ts';
import { type HandRow, traceOf } from '#test/reference/hand-trace.ts';
import { run } from '../../run.ts';
import { HostedEngine } from './hosted-engine.ts';
import { Recorder } from './recorder.fixture.ts';

const LINEAR = {
  type: 'linear',
  base_ms: 1,
  per_prefill_token_ms: 0.25,
  per_decode_request_ms: 0.5,
};

function configOf(engine: Readonly<Record<string, unknown>>): ResolvedConfig {
  return resolveConfig({
    cluster: { workers: 1 },
    engine: { block_size: 4, timing: LINEAR, ...engine },
    router: { mode: 'round_robin' },
    workload: { trace_block_size: 4 },
  });
}

/** Ends and begins passes up to a moment; those that begin at it wait for what else comes then. */
class Steps {
  readonly engine: HostedEngine;
  #readyNs: Ns = Number.POSITIVE_INFINITY;

  constructor(engine: HostedEngine) {
    this.engine = engine;
  }

  until(nowNs: Ns): void {
    for (;;) {
      if (this.engine.busy) {
        if (this.engine.passEndNs > nowNs) return;
        this.engine.completePass();
        this.#readyNs = this.engine.passEndNs;
      } else {
        if (this.#readyNs >= nowNs) return;
        const atNs = this.#readyNs;
        this.#readyNs = Number.POSITIVE_INFINITY;
        this.engine.startPass(atNs);
      }
    }
  }

  /** Something was asked at this moment. */
  asked(nowNs: Ns): void {
    if (!this.engine.busy) this.#readyNs = Math.min(this.#readyNs, nowNs);
  }
}

/** Times of the first and the last token of each row, and prompt tokens found cached. */
type Life = readonly [firstNs: Ns, lastNs: Ns, cached: number];

function flyHosted(
  config: ResolvedConfig,
  rows: readonly HandRow[],
  namesAnswers: boolean,
): Life[] {
  const recorder = new Recorder();
  const engine = new HostedEngine({ config, seed: 1, role: 'aggregated' }, recorder);
  recorder.cachedTokens = (request) => engine.cachedTokens(request);
  const steps = new Steps(engine);
  for (const [index, row] of rows.entries()) {
    const nowNs = row.atMs! * 1e6;
    steps.until(nowNs);
    const prompt = (row.ids ?? []).slice(0, Math.floor(row.input / 4));
    const answered = Math.floor((row.input + row.output) / 4) - prompt.length;
    const answer = Array.from({ length: answered }, (_, block) => 1e6 + 1e3 * index + block);
    const number = engine.open({
      rank: 0,
      inputTokens: row.input,
      outputTokens: row.output,
      contents: Uint32Array.from(namesAnswers ? [...prompt, ...answer] : prompt),
    });
    recorder.opened(number, index);
    engine.submit(number, nowNs);
    steps.asked(nowNs);
  }
  steps.until(1e15);
  return rows.map((_, index) => recorder.lives.get(index)!);
}

function flyRun(config: ResolvedConfig, rows: readonly HandRow[]): Life[] {
  const { requests } = run({ config, seed: 1, ...traceOf(rows) });
  return rows.map((_, row) => [
    requests.firstTokenNs[row]!,
    requests.lastTokenNs[row]!,
    requests.firstReusedTokens[row]!,
  ]);
}

const rowsOf = drawnRows({
  ...{ gapMsMax: 6, inputMax: 30, outputMax: 12 },
  ...{ blockSize: 4, sharedBlocks: 3 },
});

const engines = fc.constantFrom(
  { num_gpu_blocks: 24, max_num_seqs: 4, max_num_batched_tokens: 16 },
  { num_gpu_blocks: 64, enable_prefix_caching: false },
  { num_gpu_blocks: 64, stream_interval: 3 },
  { backend: 'sglang', num_gpu_blocks: 32, chunked_prefill_size: 16 },
);

test('driven from outside an engine does what it does in a run, and names of answers change nothing', () => {
  fc.assert(
    fc.property(engines, rowsOf, (engine, rows) => {
      const config = configOf(engine);
      const expected = flyRun(config, rows);
      expect(flyHosted(config, rows, false)).toEqual(expected);
      expect(flyHosted(config, rows, true)).toEqual(expected);
    }),
    { numRuns: 40 },
  );
});

test('whoever comes and goes in whatever order leaves no block in use and no content behind', () => {
  const steps = fc.array(
    fc.record({
      gapMs: fc.integer({ min: 0, max: 4 }),
      input: fc.integer({ min: 1, max: 40 }),
      output: fc.integer({ min: 1, max: 20 }),
      branch: fc.integer({ min: 0, max: 2 }),
      /** Which of those under way leaves, too. */
      leaves: fc.option(fc.nat(20), { nil: undefined }),
    }),
    { minLength: 1, maxLength: 30 },
  );
  fc.assert(
    fc.property(engines, steps, (engine, drawn) => {
      const recorder = new Recorder();
      const hosted = new HostedEngine(
        { config: configOf(engine), seed: 1, role: 'aggregated' },
        recorder,
      );
      const driven = new Steps(hosted);
      let nowNs = 0;
      for (const [index, { gapMs, input, output, branch, leaves }] of drawn.entries()) {
        nowNs += gapMs * 1e6;
        driven.until(nowNs);
        const blocks = Math.floor((input + output) / 4);
        const contents = Uint32Array.from({ length: blocks }, (_, block) =>
          block < 4 ? 10 * branch + block : 1000 + 10 * index + block,
        );
        const number = hosted.open({ rank: 0, inputTokens: input, outputTokens: output, contents });
        recorder.opened(number, index, contents);
        hosted.submit(number, nowNs);
        const { staying } = recorder;
        const left = leaves === undefined ? undefined : staying[leaves % staying.length];
        if (left !== undefined) {
          recorder.leaves(left);
          hosted.cancel(left, nowNs);
        }
        driven.asked(nowNs);
      }
      driven.until(1e15);
      expect([hosted.isEmpty, recorder.open]).toEqual([true, []]);
      expect(hosted.sample(0, 1e15).kvUsedBlocks).toBe(0);
      expect(hosted.clearCache()).toBe(true);
      expect([...recorder.contents]).toEqual([]);
    }),
    { numRuns: 40 },
  );
});

test('what it says of stored and removed blocks adds up to its cache', () => {
  const config = configOf({ num_gpu_blocks: 8 });
  const recorder = new Recorder();
  const engine = new HostedEngine({ config, seed: 1, role: 'aggregated' }, recorder);
  const steps = new Steps(engine);
  for (const [index, first] of [1, 1, 50, 90].entries()) {
    const nowNs = index * 1e9;
    steps.until(nowNs);
    const contents = Uint32Array.from([first, first + 1, first + 2, first + 3]);
    const number = engine.open({ rank: 0, inputTokens: 14, outputTokens: 3, contents });
    recorder.opened(number, index);
    engine.submit(number, nowNs);
    steps.asked(nowNs);
  }
  steps.until(1e15);
  // The block in which prompt and answer meet is stored when the request ends.
  expect(recorder.blockEvents).toEqual([
    ['stored', -1, [1, 2, 3]],
    ['stored', 3, [4]],
    ['stored', -1, [50, 51, 52]],
    ['stored', 52, [53]],
    ['removed', [4, 3, 2, 1]],
    ['stored', -1, [90, 91, 92]],
    ['stored', 92, [93]],
  ]);
});

test('tokens that are streamed together are told together, the first one apart', () => {
  const groups: number[] = [];
  class Groups extends Recorder {
    override tokens(request: number, tokens: number, atNs: Ns): void {
      groups.push(tokens);
      super.tokens(request, tokens, atNs);
    }
  }
  const recorder = new Groups();
  const config = configOf({ stream_interval: 4 });
  const engine = new HostedEngine({ config, seed: 1, role: 'aggregated' }, recorder);
  const steps = new Steps(engine);
  const row = { rank: 0, inputTokens: 4, outputTokens: 10, contents: Uint32Array.of(1) };
  const number = engine.open(row);
  recorder.opened(number, 0);
  engine.submit(number, 0);
  steps.asked(0);
  steps.until(1e15);
  expect(groups).toEqual([1, 4, 4, 1]);
});
