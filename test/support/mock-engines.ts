import { kvTransferSchema } from '#core/config/kv-transfer.ts';
import { resolveConfig } from '#core/config/resolve.ts';
import type { ConfigInput } from '#core/config/schema.ts';
import { MockEngine } from '#live/mock/mock-engine.ts';
import type { MockBackend, MockOptions } from '#live/mock/mock-options.ts';
import type { WakingClock } from '#live/mock/time/waking-clock.ts';
import type { WorkerRole } from '#sim/public.ts';

export interface MockEnginesOptions {
  /** How many; default 1. */
  readonly count?: number;
  readonly model?: string;
  readonly loras?: readonly string[];
  readonly backend?: MockBackend;
  readonly role?: WorkerRole;
  /** Engine seconds in a second; default 1. */
  readonly speed?: number;
  /** Keys of the run config's `engine` section; by default passes take 1 to 3 ms. */
  readonly engine?: NonNullable<ConfigInput['engine']>;
  /** Default true. */
  readonly kvEvents?: boolean;
  readonly ownHashes?: boolean;
  /** Keys of its `kv_transfer` section. */
  readonly kvTransfer?: NonNullable<ConfigInput['kv_transfer']>;
  readonly clock?: WakingClock;
}

export interface RunningMock {
  /** engine-0, engine-1 … */
  readonly name: string;
  readonly url: string;
  /** Of rank 0; all ranks are in `mock.kvEventSources`. */
  readonly kvEvents: string | undefined;
  readonly kvReplay: string | undefined;
  /** Of a prefill worker of SGLang. */
  readonly bootstrapPort: number | undefined;
  readonly mock: MockEngine;
}

export interface RunningMocks {
  readonly engines: readonly RunningMock[];
  close(): Promise<void>;
}

/** Small and quick: blocks of 16 tokens, a pass of about a millisecond. */
const QUICK: NonNullable<ConfigInput['engine']> = {
  block_size: 16,
  num_gpu_blocks: 2048,
  max_model_len: 16_384,
  timing: {
    type: 'linear',
    base_ms: 1,
    per_prefill_token_ms: 0.002,
    per_decode_request_ms: 0.01,
  },
};

/** Starts mock engines in this process, on loopback addresses that the system chooses. */
export async function startMockEngines(options: MockEnginesOptions = {}): Promise<RunningMocks> {
  const engines: RunningMock[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(engines.map(({ mock }) => mock.close()));
  };
  for (let index = 0; index < (options.count ?? 1); index++) {
    const mock = await MockEngine.open(mockOptions(options, index), options.clock);
    const [source] = mock.kvEventSources;
    engines.push({
      name: `engine-${index}`,
      url: mock.url,
      kvEvents: source?.endpoint,
      kvReplay: source?.replay,
      bootstrapPort: mock.bootstrapPort,
      mock,
    });
  }
  return { engines, close };
}

function mockOptions(options: MockEnginesOptions, index: number): MockOptions {
  const { model = 'tiny', loras = [], backend = 'vllm', role = 'aggregated', speed = 1 } = options;
  return {
    host: '127.0.0.1',
    port: 0,
    model,
    loras,
    backend,
    role,
    speed,
    config: {
      ...resolveConfig({ engine: { ...QUICK, backend, ...options.engine } }),
      kv_transfer: kvTransferSchema.parse(options.kvTransfer ?? {}),
    },
    seed: 42 + index,
    ownHashes: options.ownHashes ?? false,
    answerTokens: 128,
    promptTokensDetails: true,
    ...(backend === 'sglang' && role === 'prefill' && { bootstrapPort: 0 }),
    ...((options.kvEvents ?? true) && {
      kvEvents: {
        endpoint: 'tcp://127.0.0.1:*',
        mode: 'bind',
        replayEndpoint: 'tcp://127.0.0.1:*',
        topic: '',
        bufferSteps: 10_000,
        hwm: 100_000,
      },
    }),
  };
}
