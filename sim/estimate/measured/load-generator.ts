import type { MeasuredRow } from './measured-row.ts';

/** What a load generator does beside sending what is due. */
export interface GeneratorHabits {
  /** Requests that it has under way at most; what is due beyond waits in it, unmeasured. */
  readonly maxConcurrency?: number;
  /** After so long it gives a request up, which then counts as failed. */
  readonly timeoutMs?: number;
}

/** inference-perf sends with aiohttp, which gives up after five minutes unless told otherwise. */
const INFERENCE_PERF_TIMEOUT_MS = 300_000;

/**
 * By study, the connections that its published configuration allows: KubeCon's demos ran 44 workers
 * of ten requests each (kubernetes-sigs/inference-perf, demos/kubecon-na-2025/vllm/config.yaml).
 */
const CONNECTIONS: readonly (readonly [RegExp, number])[] = [[/kubecon/, 44 * 10]];

/** The habits of what made a row's load: as the row says, or as its tool is published to behave. */
export function generatorHabitsOf({ family = '', workload }: MeasuredRow): GeneratorHabits {
  const { dataset = '', max_concurrency, timeout_s } = workload;
  const isInferencePerf = /^inference-perf/.test(dataset);
  const maxConcurrency = max_concurrency ?? CONNECTIONS.find(([study]) => study.test(family))?.[1];
  const timeoutMs =
    timeout_s === undefined
      ? isInferencePerf
        ? INFERENCE_PERF_TIMEOUT_MS
        : undefined
      : timeout_s * 1000;
  return {
    ...(maxConcurrency !== undefined && { maxConcurrency }),
    ...(timeoutMs !== undefined && { timeoutMs }),
  };
}
