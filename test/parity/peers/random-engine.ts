import type { RandomStream } from '#core/base/random.ts';
import { between, chance, pick } from './draws.ts';

type Engine = Record<string, unknown>;

/** Settings of an engine with pages of `blockSize` tokens, as the peer takes them. */
export function drawEngine(stream: RandomStream, blockSize: number): Engine {
  return chance(stream, 0.4) ? drawSglang(stream, blockSize) : drawVllm(stream, blockSize);
}

function drawVllm(stream: RandomStream, blockSize: number): Engine {
  const engine: Engine = {
    backend: 'vllm',
    block_size: blockSize,
    num_gpu_blocks: between(stream, 8, 48),
    max_num_seqs: pick(stream, [1, 2, 3, 4, 8, 256]),
    max_num_batched_tokens: pick(stream, [8, 32, 100, 256, 1024, 8192]),
    timing_model: drawTiming(stream),
  };
  if (chance(stream, 0.15)) engine.enable_prefix_caching = false;
  if (chance(stream, 0.4)) engine.preemption_mode = 'fifo';
  if (chance(stream, 0.15)) engine.max_model_len = between(stream, 2, 10) * blockSize + 1;
  if (chance(stream, 0.15)) engine.speedup_ratio = pick(stream, [0.5, 2, 3]);
  if (chance(stream, 0.15)) engine.decode_speedup_ratio = pick(stream, [0.5, 2, 3]);
  if (chance(stream, 0.15)) {
    // A prompt beyond the budget could never be scheduled whole.
    engine.enable_chunked_prefill = false;
    engine.max_num_batched_tokens = 8192;
  }
  return engine;
}

/** SGLang with little room for outputs, so that requests are retracted, and small chunks. */
function drawSglang(stream: RandomStream, blockSize: number): Engine {
  const engine: Engine = {
    backend: 'sglang',
    block_size: blockSize,
    num_gpu_blocks: between(stream, 12, 64),
    max_num_seqs: pick(stream, [1, 2, 4, 256, 256]),
    timing_model: drawTiming(stream),
    sglang: drawSection(stream, blockSize),
  };
  if (chance(stream, 0.15)) engine.enable_prefix_caching = false;
  if (chance(stream, 0.15)) engine.prefill_decode_interval = between(stream, 1, 4);
  if (chance(stream, 0.15)) engine.speedup_ratio = pick(stream, [0.5, 2, 3]);
  if (chance(stream, 0.15)) Object.assign(engine, drawDrafts(stream));
  return chance(stream, 0.2) ? { engine, dp_size: between(stream, 2, 3) } : engine;
}

function drawSection(stream: RandomStream, blockSize: number): Engine {
  const section: Engine = { chunked_prefill_size: blockSize * pick(stream, [1, 2, 4, 12, 128]) };
  if (chance(stream, 0.5)) section.schedule_policy = 'lpm';
  if (chance(stream, 0.5)) section.clip_max_new_tokens = pick(stream, [1, 4, 16]);
  if (chance(stream, 0.5)) section.schedule_conservativeness = pick(stream, [0.1, 0.3, 0.6]);
  return section;
}

/** Drafts that are accepted for certain or not at all. */
function drawDrafts(stream: RandomStream): Engine {
  const rates = pick(stream, [[1], [1, 1], [1, 0], [0]]);
  return { aic_nextn: rates.length, aic_nextn_accept_rates: rates.join() };
}

function drawTiming(stream: RandomStream): Engine {
  return chance(stream, 0.5)
    ? { type: 'polynomial' }
    : { type: 'fixed', prefill_ms: between(stream, 1, 20), decode_ms: between(stream, 1, 5) };
}
