import type { RandomStream } from '#core/base/random.ts';
import type { GoldenInput } from '../golden.ts';
import { between, chance, pick } from './draws.ts';

type Engine = Record<string, unknown>;

/** What weighs prompts against requests that decode, or is of those alone. */
const OF_DECODING = [
  'decode_speedup_ratio',
  'prefill_decode_interval',
  'aic_nextn',
  'aic_nextn_accept_rates',
  'preemption_mode',
];

/** Blocks of a decode worker on which nobody has to give way. */
const ROOMY = 1_000;

/**
 * The same requests on a prefill pool with few blocks and a decode pool with many. Several workers a pool only behind round robin, since the peer draws ties at random.
 */
export function drawPools(stream: RandomStream, input: GoldenInput): GoldenInput {
  const { engine, workers: _workers, requests, ...rest } = input as unknown as Engine;
  const prefill = { ...sideOf(engine as Engine, between(stream, 12, 64)), worker_type: 'prefill' };
  const decode = { ...sideOf(engine as Engine, ROOMY), worker_type: 'decode' };
  const transfer = drawTransfer(stream);
  const single = rest.router_mode !== 'round_robin';
  return {
    ...rest,
    // Whoever asks for no output takes a pass of the decode worker in the peer, and none here.
    requests: (requests as Engine[]).map((row) => ({
      ...row,
      output_length: Math.max(1, row.output_length as number),
    })),
    prefill_engine: { ...withoutDecoding(prefill), ...transfer },
    decode_engine: { ...decode, ...transfer },
    prefill_workers: single ? 1 : between(stream, 1, 2),
    decode_workers: single ? 1 : between(stream, 1, 2),
  } as unknown as GoldenInput;
}

/** The engine of one side; ranks stay out, whose hand-offs the peer does not replay. */
function sideOf(given: Engine, blocks: number): Engine {
  const engine = 'engine' in given ? (given.engine as Engine) : given;
  return { ...engine, num_gpu_blocks: blocks };
}

function withoutDecoding(engine: Engine): Engine {
  const kept = Object.entries(engine).filter(([key]) => !OF_DECODING.includes(key));
  const prefill: Engine = Object.fromEntries(kept);
  if (prefill.sglang === undefined) return prefill;
  const { clip_max_new_tokens, schedule_conservativeness, ...section } = prefill.sglang as Engine;
  return { ...prefill, sglang: section };
}

function drawTransfer(stream: RandomStream): Engine {
  if (chance(stream, 0.3)) return {};
  return {
    kv_transfer_bytes_per_token: 1_000_000,
    kv_transfer_bandwidth: pick(stream, [1, 10, 100]),
    ...(chance(stream, 0.5) && { kv_transfer_timing_mode: 'destination_missing' }),
  };
}
