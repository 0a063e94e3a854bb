import type { EngineRole } from './engine-list.ts';
import type { ParsedServeConfig } from './serve-schema.ts';

/** What is known of the engines of one role; all engines have the same block size. */
export interface EngineCapacity {
  readonly blockSize?: number;
  readonly numGpuBlocks?: number;
  readonly maxNumBatchedTokens?: number;
  /** Tokens of a pass of SGLang. */
  readonly chunkedPrefillSize?: number;
}

/** What is known of the engines, by role. */
export type Capacities = Readonly<Partial<Record<EngineRole, EngineCapacity>>>;

const ROLES = ['aggregated', 'prefill', 'decode'] as const;

/**
 * The run of the tunnel that a serve config stands for, as a user would write it: the same router
 * in front of as many workers. Its router section is the one that was written, so that whatever is
 * wrong with it is found and worded by the rules of runs.
 */
export function runOfServe(
  { engines, seed }: Pick<ParsedServeConfig, 'engines' | 'seed'>,
  router: unknown,
  capacities: Capacities,
): Readonly<Record<string, unknown>> {
  const countOf = (role: EngineRole): number => engines.filter((one) => one.role === role).length;
  const backend = backendOf(engines);
  const blockSize = ROLES.map((role) => capacities[role]?.blockSize).find(Boolean);
  // Engines of one of the two roles may be all that is listed yet.
  const isApart = countOf('prefill') + countOf('decode') > 0;
  const pools = (isApart ? (['prefill', 'decode'] as const) : []).map((role) => ({
    role,
    workers: Math.max(1, countOf(role)),
    engine: engineOf(engines, role, capacities),
  }));
  return {
    seed,
    router,
    engine: {
      ...(backend !== undefined && { backend }),
      ...(blockSize !== undefined && { block_size: blockSize }),
      ...(pools.length === 0 && engineOf(engines, 'aggregated', capacities)),
    },
    cluster: pools.length === 0 ? { workers: Math.max(1, engines.length) } : { pools },
  };
}

/** The tunnel has one kind of engine a run; servers of which nothing is known fly as its default. */
function backendOf(engines: ParsedServeConfig['engines']): string | undefined {
  const kinds = new Set(engines.map(({ backend }) => backend));
  const [only] = kinds;
  return kinds.size === 1 && only !== 'openai' ? only : undefined;
}

function engineOf(
  engines: ParsedServeConfig['engines'],
  role: EngineRole,
  capacities: Capacities,
): Readonly<Record<string, number>> {
  const ranks = Math.max(
    1,
    ...engines.filter((one) => one.role === role).map((one) => one.data_parallel_size),
  );
  const { numGpuBlocks, maxNumBatchedTokens, chunkedPrefillSize } = capacities[role] ?? {};
  return {
    ...(ranks > 1 && { data_parallel_size: ranks }),
    ...(numGpuBlocks !== undefined && { num_gpu_blocks: numGpuBlocks }),
    ...(maxNumBatchedTokens !== undefined && { max_num_batched_tokens: maxNumBatchedTokens }),
    ...(chunkedPrefillSize !== undefined &&
      backendOf(engines) === 'sglang' && { chunked_prefill_size: chunkedPrefillSize }),
  };
}
