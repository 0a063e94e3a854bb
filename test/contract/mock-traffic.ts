import type { Ns } from '#core/base/time.ts';
import { resolveConfig } from '#core/config/resolve.ts';
import type { ConfigInput } from '#core/config/schema.ts';
import { boundedConfig } from '#live/mock/mock-options.ts';
import { run } from '#sim/run.ts';
import { type HandRow, traceOf } from '#test/reference/hand-trace.ts';
import { tokensOf } from './trace-prompts.ts';

export const BLOCK = 16;

/** Too small for all at once, so that requests wait, hit, evict and give way. */
export function mockEngine(slowness: number) {
  return {
    block_size: BLOCK,
    num_gpu_blocks: 90,
    max_num_seqs: 8,
    max_num_batched_tokens: 256,
    max_model_len: 4096,
    stepping: 'exact',
    timing: {
      type: 'linear',
      base_ms: 2 * slowness,
      per_prefill_token_ms: 0.031 * slowness,
      per_decode_request_ms: 0.117 * slowness,
      per_decode_context_token_ms: 0.0013 * slowness,
    },
  } as const;
}

/** Requests of three conversations, one every 12 ms. */
export function mockRows(count: number, slowness: number): readonly HandRow[] {
  return Array.from({ length: count }, (_, index) => {
    const input = 100 + ((index * 37) % 230);
    const ids = Array.from({ length: Math.ceil(input / BLOCK) }, (_, block) =>
      block < 5 ? 100 * (index % 3) + block : 1000 * (index + 1) + block,
    );
    return { atMs: 12 * index * slowness, input, output: 4 + ((index * 13) % 40), ids };
  });
}

/** Eight documents that are asked about in turns, three of which fit into a worker; nine tenths of a prompt are one. */
export function sharingRows(count: number, slowness: number): readonly HandRow[] {
  return Array.from({ length: count }, (_, index) => {
    const document = (7 * index + Math.floor(index / 5)) % 8;
    const ids = Array.from({ length: 30 }, (_, block) =>
      block < 27 ? 100 * (document + 1) + block : 10_000 + 3 * index + block,
    );
    return { atMs: 12 * index * slowness, input: 30 * BLOCK, output: 3 + (index % 4), ids };
  });
}

/** What a client feels of a request. */
export interface Felt {
  readonly ttftNs: Ns;
  readonly e2eNs: Ns;
}

/** Keys of the config's `router` section. */
export type RouterKeys = NonNullable<ConfigInput['router']>;

/** How many workers fly, and the router before them. */
export interface Fleet {
  readonly workers: number;
  readonly router: RouterKeys;
}

const LONE_WORKER: Fleet = { workers: 1, router: { mode: 'round_robin' } };

/** What clients feel by a run, and how often somebody had to give way. */
export function feltInRun(
  rows: readonly HandRow[],
  slowness: number,
  { workers, router }: Fleet = LONE_WORKER,
) {
  const config = boundedConfig(
    resolveConfig({
      cluster: { workers },
      engine: mockEngine(slowness),
      router,
      workload: { trace_block_size: BLOCK },
    }),
  );
  const { requests, preemptions } = run({ config, seed: 42, ...traceOf(rows) });
  const felt = rows.map(
    (_, row): Felt => ({
      ttftNs: requests.firstTokenNs[row]! - requests.arrivalNs[row]!,
      e2eNs: requests.lastTokenNs[row]! - requests.arrivalNs[row]!,
    }),
  );
  return { felt, preemptions };
}

/** Sends a row of the trace to an engine; its answer has begun when this resolves. */
export function askFor({ input, output, ids }: HandRow, url: string): Promise<Response> {
  return fetch(`${url}/v1/completions`, {
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
}

/** Reads a stream to its end, and looks at a clock as each message comes. */
export async function feltOf(
  response: Response,
  arrivalNs: Ns,
  nowNs: () => Ns,
  heard: () => void = () => {},
): Promise<Felt> {
  let firstNs = -1;
  const decoder = new TextDecoder();
  for await (const bytes of response.body!) {
    for (const _ of decoder.decode(bytes).matchAll(/^data: \{/gm)) {
      if (firstNs < 0) firstNs = nowNs();
      heard();
    }
  }
  return { ttftNs: firstNs - arrivalNs, e2eNs: nowNs() - arrivalNs };
}
