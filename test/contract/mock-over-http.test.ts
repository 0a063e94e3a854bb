import { setImmediate } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import type { Ns } from '#core/base/time.ts';
import { resolveConfig } from '#core/config/resolve.ts';
import { boundedConfig } from '#live/mock/mock-options.ts';
import { run } from '#sim/run.ts';
import { type HandRow, traceOf } from '#test/reference/hand-trace.ts';
import { type RunningMocks, startMockEngines } from '#test/support/mock-engines.ts';
import { VirtualClock } from '#test/support/virtual-clock.ts';
import { tokensOf } from './trace-prompts.ts';

const BLOCK = 16;

/** Too small for all at once, so that requests wait, hit, evict and give way. */
const ENGINE = {
  block_size: BLOCK,
  num_gpu_blocks: 90,
  max_num_seqs: 8,
  max_num_batched_tokens: 256,
  stepping: 'exact',
  timing: {
    type: 'linear',
    base_ms: 2,
    per_prefill_token_ms: 0.031,
    per_decode_request_ms: 0.117,
    per_decode_context_token_ms: 0.0013,
  },
} as const;

/** Three conversations' worth of shared beginnings, one request every 12 ms. */
const ROWS: readonly HandRow[] = Array.from({ length: 24 }, (_, index) => {
  const input = 100 + ((index * 37) % 230);
  const ids = Array.from({ length: Math.ceil(input / BLOCK) }, (_, block) =>
    block < 5 ? 100 * (index % 3) + block : 1000 * (index + 1) + block,
  );
  return { atMs: 12 * index, input, output: 4 + ((index * 13) % 40), ids };
});

interface Times {
  readonly ttftNs: Ns;
  readonly e2eNs: Ns;
}

let mocks: RunningMocks | undefined;

afterEach(() => mocks?.close());

/** What a client feels that looks at the clock as each message of a stream comes in. */
async function felt(response: Response, arrivalNs: Ns, clock: VirtualClock, heard: () => void) {
  let firstNs = -1;
  const decoder = new TextDecoder();
  for await (const bytes of response.body!) {
    for (const _ of decoder.decode(bytes).matchAll(/^data: \{/gm)) {
      if (firstNs < 0) firstNs = clock.nowNs();
      heard();
    }
  }
  return { ttftNs: firstNs - arrivalNs, e2eNs: clock.nowNs() - arrivalNs };
}

async function flyMock(): Promise<readonly Times[]> {
  const clock = new VirtualClock();
  mocks = await startMockEngines({ clock, engine: ENGINE });
  const [{ url, mock }] = mocks.engines as [(typeof mocks.engines)[0]];
  let heard = 0;
  const said = (): number => mock.life.view().ranks[0]!.stats.generationTokens;
  const ring = async (): Promise<void> => {
    clock.ring();
    while (heard < said()) await setImmediate();
  };
  const times: Promise<Times>[] = [];
  for (const { atMs, input, output, ids } of ROWS) {
    const arrivalNs = atMs! * 1e6;
    while (clock.nextNs < arrivalNs) await ring();
    clock.moveTo(arrivalNs);
    const response = await fetch(`${url}/v1/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'tiny',
        prompt: tokensOf(ids!, BLOCK, input),
        max_tokens: output,
        ignore_eos: true,
        stream: true,
      }),
    });
    times.push(felt(response, arrivalNs, clock, () => heard++));
    // Tokens of passes that ended at this very moment are older than the request.
    while (heard < said()) await setImmediate();
  }
  while (clock.nextNs < Number.POSITIVE_INFINITY) await ring();
  return Promise.all(times);
}

function flyRun(): readonly Times[] {
  const engine = { ...ENGINE, max_model_len: 16_384 };
  const config = boundedConfig(
    resolveConfig({
      cluster: { workers: 1 },
      engine,
      router: { mode: 'round_robin' },
      workload: { trace_block_size: BLOCK },
    }),
  );
  const { requests, preemptions } = run({ config, seed: 42, ...traceOf(ROWS) });
  expect(preemptions).toBeGreaterThan(0);
  return ROWS.map((_, row) => ({
    ttftNs: requests.firstTokenNs[row]! - requests.arrivalNs[row]!,
    e2eNs: requests.lastTokenNs[row]! - requests.arrivalNs[row]!,
  }));
}

test('a client of the mock engine feels, to the nanosecond, what a run says', async () => {
  expect(await flyMock()).toEqual(flyRun());
});
