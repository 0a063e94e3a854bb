import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import { ConfigError } from '#core/config/config-error.ts';
import { resolveConfig } from '#core/config/resolve.ts';
import { type HandRow, traceOf } from '#test/reference/hand-trace.ts';
import { run } from '../run.ts';

type Role = 'prefill' | 'decode';

const LINEAR = {
  type: 'linear',
  base_ms: 2,
  per_prefill_token_ms: 0.05,
  per_prefill_context_token_ms: 0,
  per_decode_request_ms: 0.1,
  per_decode_context_token_ms: 0.001,
};

interface Key {
  readonly value: unknown;
  readonly readBy: readonly string[];
  /** Who reads it too, and shows it under rarer conditions than these. */
  readonly seldom?: readonly string[];
}

/**
 * Keys of an engine that not every role reads: a value under which whoever reads it behaves otherwise,
 * and who that is.
 */
const KEYS: Readonly<Record<string, Key>> = {
  enable_prefix_caching: {
    value: false,
    readBy: ['vllm prefill', 'vllm decode', 'sglang prefill', 'sglang decode', 'trtllm prefill'],
  },
  enable_chunked_prefill: {
    value: false,
    readBy: ['vllm prefill', 'vllm decode', 'trtllm prefill'],
  },
  scheduling_policy: {
    value: 'priority',
    readBy: ['vllm prefill', 'vllm decode', 'trtllm prefill'],
  },
  kv_eviction_policy: {
    value: 'multi_lru',
    seldom: ['vllm decode'],
    readBy: ['vllm prefill', 'sglang prefill', 'sglang decode', 'trtllm prefill'],
  },
  prefill_schedule_interval: { value: 3, readBy: ['vllm decode'] },
  prefill_decode_interval: { value: 3, readBy: ['sglang decode'] },
  schedule_conservativeness: { value: 3, readBy: ['sglang decode'] },
  clip_max_new_tokens: { value: 5, readBy: ['sglang decode'] },
  num_speculative_tokens: { value: 2, readBy: ['vllm decode', 'sglang decode', 'trtllm decode'] },
  decode_speedup_ratio: { value: 2, readBy: ['vllm decode', 'sglang decode', 'trtllm decode'] },
};

/** More than the workers have room for, a good part of it alike, and of three priorities. */
function pressingRows(): readonly HandRow[] {
  const stream = openStream(7, 'rows');
  let atMs = 0;
  return Array.from({ length: 160 }, (_, row) => {
    atMs += stream.nextFloat() * 4;
    const group = stream.nextBelow(8);
    const blocks = 2 + stream.nextBelow(18);
    const ids = Array.from({ length: blocks }, (_, at) =>
      at < blocks - 3 ? group * 1000 + at : 50_000 + row * 100 + at,
    );
    const input = blocks * 16 - stream.nextBelow(15);
    const output = 1 + stream.nextBelow(60);
    return { atMs, input, output, ids, priority: stream.nextBelow(3) };
  });
}

const ROWS = pressingRows();

/** When each request came to its tokens, what it found cached, and what its workers did. */
function fly(backend: string, role: Role, own: Readonly<Record<string, unknown>>): string {
  const pools = (['prefill', 'decode'] as const).map((one) => ({
    role: one,
    workers: 2,
    ...(one === role && Object.keys(own).length > 0 && { engine: own }),
  }));
  const engine = {
    ...{ backend, block_size: 16, num_gpu_blocks: 45, max_num_seqs: 24, timing: LINEAR },
    ...(backend === 'sglang' ? { chunked_prefill_size: 256 } : { max_num_batched_tokens: 320 }),
  };
  const config = resolveConfig({
    cluster: { pools },
    engine,
    router: { mode: 'kv_router' },
    workload: { trace_block_size: 16 },
    kv_transfer: { bytes_per_token: 100_000, bandwidth_gb_s: 5 },
  } as Parameters<typeof resolveConfig>[0]);
  const { requests, tallies } = run({ config, seed: 1, ...traceOf(ROWS) });
  const columns = [requests.lastTokenNs, requests.firstTokenNs, requests.reusedTokens];
  const rows = columns.map((column) => [...column.subarray(0, requests.count)]);
  return JSON.stringify([rows, tallies]);
}

test.for(['vllm', 'sglang', 'trtllm'])(
  '%s: a key of a pool changes what its role does, or is refused',
  (backend) => {
    for (const role of ['prefill', 'decode'] as const) {
      const usual = fly(backend, role, {});
      for (const [key, { value, readBy, seldom }] of Object.entries(KEYS)) {
        const who = `${backend} ${role}`;
        if (seldom?.includes(who)) continue;
        const other = (): string => fly(backend, role, { [key]: value });
        if (readBy.includes(who)) expect(other() === usual, `${who}: ${key}`).toBe(false);
        else expect(other, `${who}: ${key}`).toThrow(ConfigError);
      }
    }
  },
);
