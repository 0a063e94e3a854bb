import type { ResolvedConfig } from '#core/config/schema.ts';
import type { WorkerRole } from '#sim/public.ts';

/** Whose shapes a mock engine speaks. */
export type MockBackend = 'vllm' | 'sglang';

/** Where KV events go; with ranks r = 0, 1 … of a worker the ports of TCP addresses count up by r. */
export interface KvEventOptions {
  readonly endpoint: string;
  /** Whether the engine binds that address, or dials it. */
  readonly mode: 'bind' | 'connect';
  /** Where what was missed can be asked for; the engine always binds it. */
  readonly replayEndpoint?: string;
  readonly topic: string;
  /** Batches kept for that. */
  readonly bufferSteps: number;
  readonly hwm: number;
}

export interface MockOptions {
  readonly host: string;
  /** 0 = one that the system chooses. */
  readonly port: number;
  readonly model: string;
  /** Names of LoRA adapters, which are models too. */
  readonly loras: readonly string[];
  readonly backend: MockBackend;
  readonly role: WorkerRole;
  /** Seconds of the engine in one of the clock. */
  readonly speed: number;
  /** Its engine section is the worker; `resolveConfig` made it. */
  readonly config: ResolvedConfig;
  readonly seed: number;
  /** Absent = no events. */
  readonly kvEvents?: KvEventOptions;
  /** Hashes in KV events are those of this process alone. */
  readonly ownHashes: boolean;
  /** Where decode workers of SGLang meet a prefill worker; absent where nobody does. */
  readonly bootstrapPort?: number;
  /** Tokens of an answer that no request bounds. */
  readonly answerTokens: number;
  /** Whether `usage` says how many prompt tokens were cached. */
  readonly promptTokensDetails: boolean;
}

/** Whose release a mock engine claims to be. */
export const CLAIMED_VERSION = { vllm: '0.32.0', sglang: '0.5.23' } as const;

/** Longest sequence where the config names none: as many tokens as fit, up to this. */
const LONGEST = 131_072;

/** The config of the worker that serves: with a bound on the length of requests, as engines have one. */
export function boundedConfig(config: ResolvedConfig): ResolvedConfig {
  const { engine } = config;
  const capacity = engine.num_gpu_blocks * engine.block_size;
  const max_model_len = engine.max_model_len ?? Math.min(LONGEST, capacity);
  return { ...config, engine: { ...engine, max_model_len } };
}
