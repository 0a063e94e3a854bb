import { resolveConfig } from '#core/config/resolve.ts';
import { TraceBatch } from '#traces/batch.ts';
import { run } from '../../run.ts';

/** What became of a request; milliseconds since the run began, tokens. */
export interface Fate {
  readonly admitted: number;
  readonly first: number;
  readonly last: number;
  readonly reused: number;
  readonly admissions: number;
}

/** A request of a hand-made trace; every id names a page of four tokens. */
export interface Asked {
  readonly atMs: number;
  readonly input: number;
  readonly output: number;
  readonly ids: readonly number[];
}

export const at = (atMs: number, input: number, output: number, ids: number[] = []): Asked => {
  return { atMs, input, output, ids };
};

/**
 * Flies one worker of SGLang with pages of four tokens, where a prefill takes 10 ms and a pass of
 * decode 2 ms. A leap and stepping give the same.
 */
export function fly(
  rows: readonly Asked[],
  engine: Readonly<Record<string, unknown>> = {},
): readonly Fate[] {
  return [...flyWith('exact', rows, engine).fates];
}

/** The same by one of the two ways to step, and how many events it took. */
export function flyWith(
  stepping: 'exact' | 'leap',
  rows: readonly Asked[],
  engine: Readonly<Record<string, unknown>> = {},
): { readonly fates: readonly Fate[]; readonly events: number } {
  const timing = { type: 'fixed', prefill_ms: 10, decode_ms: 2 };
  const config = resolveConfig({
    engine: {
      ...{ backend: 'sglang', block_size: 4, num_gpu_blocks: 64, timing, stepping },
      ...engine,
    },
    cluster: { workers: 1 },
    router: { mode: 'round_robin' },
    workload: { trace_block_size: 4 },
  });
  const batch = new TraceBatch();
  for (const [index, { atMs, input, output, ids }] of rows.entries()) {
    // A row may bring longer columns.
    const row = batch.append(index + 1, input, output);
    batch.timestampMs[row] = atMs;
    for (const id of ids) batch.appendHashId(id);
  }
  const hasContent = rows.some(({ ids }) => ids.length > 0);
  const trace = { batches: [batch], hasContent, sessions: 0 };
  const { requests, events } = run({ config, seed: 1, ...trace });
  const fates = rows.map((_, row) => ({
    admitted: requests.firstAdmitNs[row]! / 1e6,
    first: requests.firstTokenNs[row]! / 1e6,
    last: requests.lastTokenNs[row]! / 1e6,
    reused: requests.reusedTokens[row]!,
    admissions: requests.admissions[row]!,
  }));
  return { fates, events };
}
