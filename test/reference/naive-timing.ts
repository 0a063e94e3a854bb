import type { EngineConfig, TimingConfig } from '#core/config/schema.ts';

/** A prompt's part in a pass: `chunk` new tokens after `before` that are there already. */
export interface NaiveChunk {
  readonly chunk: number;
  readonly before: number;
}

/** Its operators are held to hand-computed cases in core/perf. */
const NO_GPU = 'a GPU has no naive model';

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);

function onTable(table: readonly (readonly [number, number])[], x: number): number {
  if (x <= table[0]![0]) return table[0]![1];
  const above = table.findIndex(([point]) => point >= x);
  const to = above < 0 ? table.length - 1 : above;
  const [x0, y0] = table[to - 1]!;
  const [x1, y1] = table[to]!;
  return y0 + ((x - x0) * (y1 - y0)) / (x1 - x0);
}

/** Milliseconds of a pass's prefill part, request by request. */
export function naivePrefillMs(
  timing: TimingConfig,
  chunks: readonly NaiveChunk[],
  decodes: boolean,
): number {
  const tokens = sum(chunks.map(({ chunk }) => chunk));
  if (tokens === 0) return 0;
  switch (timing.type) {
    case 'fixed':
      return timing.prefill_ms;
    case 'polynomial':
      return 4.209989e-7 * (tokens * tokens) + 1.518344e-2 * tokens + 16.50142;
    case 'table':
      return onTable(timing.prefill, tokens);
    case 'linear':
      return (
        (decodes ? 0 : timing.base_ms) +
        timing.per_prefill_token_ms * tokens +
        timing.per_prefill_context_token_ms *
          sum(chunks.map(({ before, chunk }) => (chunk > 0 ? before : 0)))
      );
    case 'model':
      throw new Error(NO_GPU);
  }
}

/** Milliseconds of its decode part. */
export function naiveDecodeMs(
  timing: TimingConfig,
  contexts: readonly number[],
  poolTokens: number,
): number {
  if (contexts.length === 0) return 0;
  const context = sum(contexts);
  switch (timing.type) {
    case 'fixed':
      return timing.decode_ms;
    case 'polynomial': {
      const used = Math.min(1, context / poolTokens);
      return -25.74 * (used * used) + 54.01 * used + 5.74;
    }
    case 'table':
      return onTable(timing.decode, context);
    case 'linear':
      return (
        timing.base_ms +
        timing.per_decode_request_ms * contexts.length +
        timing.per_decode_context_token_ms * context
      );
    case 'model':
      throw new Error(NO_GPU);
  }
}

/**
 * Nanoseconds of a pass with these chunks, in which requests with these contexts decode: the GPU's
 * two parts, each rounded, and the host beside or after them.
 */
export function naivePassNs(
  engine: EngineConfig,
  chunks: readonly NaiveChunk[],
  contexts: readonly number[],
): number {
  const { timing, speedup_ratio, decode_speedup_ratio } = engine;
  const poolTokens = engine.num_gpu_blocks * engine.block_size;
  const prefillMs = naivePrefillMs(timing, chunks, contexts.length > 0) / speedup_ratio;
  const decodeMs =
    naiveDecodeMs(timing, contexts, poolTokens) / (speedup_ratio * decode_speedup_ratio);
  const gpuNs = nearestNs(prefillMs) + nearestNs(decodeMs);
  const requests = chunks.filter(({ chunk }) => chunk > 0).length + contexts.length;
  const hostUs = engine.host_overhead_ms * 1000 + engine.host_overhead_per_request_us * requests;
  const hostNs = requests === 0 ? 0 : Math.round(hostUs * 1000);
  return engine.async_scheduling ? Math.max(gpuNs, hostNs) : gpuNs + hostNs;
}

/** The integer next to the exact value of the double ms / 1000, in billionths; ties go to even. */
export function nearestNs(ms: number): number {
  let seconds = ms / 1000;
  let unit = 1n;
  // Doubling is exact, so that an integer comes out after as many steps as there are binary digits.
  for (; !Number.isInteger(seconds); seconds *= 2) unit *= 2n;
  const billionths = BigInt(seconds) * 1_000_000_000n;
  const below = billionths / unit;
  const rest = (billionths % unit) * 2n;
  const up = rest > unit || (rest === unit && below % 2n === 1n);
  return Number(below) + (up ? 1 : 0);
}
