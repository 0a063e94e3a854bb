import { InputError } from '#core/base/errors.ts';
import { poolsOf } from '#core/config/pools.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import { endpointOfRank } from '#live/mock/kv-events/rank-endpoint.ts';
import type { KvEventOptions, MockBackend, MockOptions } from '#live/mock/mock-options.ts';
import { loadConfig } from '../config-file.ts';
import type { ConfigOptions } from '../config-options.ts';
import { type AddressFlags, checkAddresses } from './mock-addresses.ts';

/** What `windtunnel mock-engine` is told. */
export interface MockFlags extends ConfigOptions, AddressFlags {
  readonly model: string;
  readonly lora: readonly string[];
  readonly backend?: MockBackend;
  readonly speed: number;
  readonly seed: number;
  readonly kvEventsTopic: string;
  readonly ownHashes?: true;
  readonly answerTokens: number;
  readonly promptTokensDetails: boolean;
}

/** What vLLM keeps of its events, and how many it lets wait for a slow listener. */
const BUFFER_STEPS = 10_000;
const HWM = 100_000;

/** What each engine of the process is; throws an `InputError` where the flags contradict each other. */
export function mockOptionsOf(flags: MockFlags): readonly MockOptions[] {
  const config = engineConfig(flags);
  const { data_parallel_size: ranks, backend } = config.engine;
  if (backend === 'trtllm') {
    throw new InputError('usage', 'mock engines speak as vLLM or SGLang do', {
      path: 'engine.backend',
      received: backend,
      allowed: 'vllm, sglang',
      remedy: 'choose the shapes with --backend',
    });
  }
  checkAddresses(flags, ranks);
  return Array.from({ length: flags.workers }, (_, worker) => ({
    host: flags.host,
    port: flags.port === 0 ? 0 : flags.port + worker,
    model: flags.model,
    loras: flags.lora,
    backend,
    role: flags.role,
    speed: flags.speed,
    config,
    seed: flags.seed + worker,
    ...(flags.kvEvents !== undefined && { kvEvents: eventsOf(flags, worker * ranks) }),
    ownHashes: flags.ownHashes ?? false,
    ...(backend === 'sglang' &&
      flags.role === 'prefill' && { bootstrapPort: flags.bootstrapPort + worker }),
    answerTokens: flags.answerTokens,
    promptTokensDetails: flags.promptTokensDetails,
  }));
}

/** The config of the pool that has the role, where the file speaks of several. */
function engineConfig(flags: MockFlags): ResolvedConfig {
  const backend =
    flags.backend === undefined
      ? []
      : [{ path: 'engine.backend', value: flags.backend, flag: '--backend' }];
  const { config } = loadConfig(flags.config, [...flags.set, ...backend]);
  if (config.cluster.pools === undefined) return config;
  const pool = poolsOf(config).find(({ role }) => role === flags.role);
  if (pool !== undefined) return pool.config;
  throw new InputError('usage', 'the config has no pool of that role', {
    path: '--role',
    received: flags.role,
    allowed: poolsOf(config)
      .map(({ role }) => role)
      .join(', '),
  });
}

function eventsOf(flags: MockFlags, rank: number): KvEventOptions {
  return {
    endpoint: endpointOfRank(flags.kvEvents!, rank),
    mode: flags.kvEventsMode,
    ...(flags.kvReplay !== undefined && {
      replayEndpoint: endpointOfRank(flags.kvReplay, rank),
    }),
    topic: flags.kvEventsTopic,
    bufferSteps: BUFFER_STEPS,
    hwm: HWM,
  };
}
