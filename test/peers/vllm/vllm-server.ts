import { availableParallelism } from 'node:os';
import { type MetricSample, parseMetrics } from '#live/engines/prometheus-text.ts';
import { freePorts } from '#test/support/free-ports.ts';
import { answers, PeerProcess } from '../peer-process.ts';

/** A start is mostly imports of Python, in four processes. */
const PATIENCE_MS = 600_000;
/** Tokens of its blocks; the kernels for CPUs know multiples of 32 only. */
export const VLLM_BLOCK_SIZE = 32;

export interface VllmOptions {
  readonly python: string;
  readonly model: string;
  readonly blocks: number;
  /** A scheduler that publishes what each forward pass did, and where its package lies. */
  readonly scheduler?: { readonly name: string; readonly path: string };
}

/** A real vLLM on CPUs, whose publisher connects to whoever listens for its KV events. */
export class VllmServer {
  readonly url: string;
  readonly kvEvents: string;
  readonly kvReplay: string;
  /** Where its scheduler tells of forward passes, if it has one that does. */
  readonly passes: string;
  readonly #options: VllmOptions;
  readonly #ports: readonly number[];
  #process: PeerProcess | undefined;

  private constructor(options: VllmOptions, ports: readonly number[]) {
    this.#options = options;
    this.#ports = ports;
    this.url = `http://127.0.0.1:${ports[0]}`;
    this.kvEvents = `tcp://127.0.0.1:${ports[1]}`;
    this.kvReplay = `tcp://127.0.0.1:${ports[2]}`;
    this.passes = `tcp://127.0.0.1:${ports[3]}`;
  }

  static async start(options: VllmOptions): Promise<VllmServer> {
    const server = new VllmServer(options, await freePorts(4));
    await server.start();
    return server;
  }

  /** Starts it at its addresses, again after a `kill`. */
  async start(): Promise<void> {
    const { python, scheduler } = this.#options;
    this.#process = await PeerProcess.start('nice', ['-n', '10', python, ...this.#args()], {
      env: environment(scheduler?.path, this.#ports[3]!),
      isReady: () => answers(`${this.url}/health`),
      patienceMs: PATIENCE_MS,
    });
  }

  /** Its metrics, one value for each name that was asked for; those of several labels are added up. */
  async metrics<Name extends string>(...names: readonly Name[]): Promise<Record<Name, number>> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const { samples } = parseMetrics(text, new Set(names));
    const total = (name: Name): number =>
      samples.filter((one) => one.name === name).reduce((sum, { value }) => sum + value, 0);
    return Object.fromEntries(names.map((name) => [name, total(name)])) as Record<Name, number>;
  }

  /** What it says of its cache. */
  async cacheConfig(): Promise<MetricSample['labels']> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    return parseMetrics(text, new Set(['vllm:cache_config_info'])).samples[0]?.labels ?? {};
  }

  /** As if its machine had failed. */
  async kill(): Promise<void> {
    await this.#process?.stop('SIGKILL');
    this.#process = undefined;
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
    this.#process = undefined;
  }

  #args(): readonly string[] {
    const { model, blocks, scheduler } = this.#options;
    const events = {
      ...{ enable_kv_cache_events: true, publisher: 'zmq', topic: 'kv-events' },
      ...{ endpoint: this.kvEvents, replay_endpoint: this.kvReplay },
    };
    return [
      ...['-m', 'vllm.entrypoints.openai.api_server', '--host', '127.0.0.1'],
      ...['--port', `${this.#ports[0]}`, '--model', model, '--served-model-name', 'tiny'],
      ...['--load-format', 'dummy', '--dtype', 'bfloat16', '--enforce-eager'],
      ...['--max-model-len', '1024', '--max-num-seqs', '8', '--max-num-batched-tokens', '256'],
      ...['--block-size', `${VLLM_BLOCK_SIZE}`, '--num-gpu-blocks-override', `${blocks}`],
      ...['--enable-prefix-caching', '--enable-prompt-tokens-details'],
      ...['--kv-events-config', JSON.stringify(events)],
      ...(scheduler === undefined ? [] : ['--scheduler-cls', scheduler.name]),
    ];
  }
}

function environment(path: string | undefined, passPort: number): Record<string, string> {
  return {
    ...{ HF_HUB_OFFLINE: '1', TRANSFORMERS_OFFLINE: '1', VLLM_NO_USAGE_STATS: '1' },
    ...{ DO_NOT_TRACK: '1', VLLM_CPU_KVCACHE_SPACE: '1', VLLM_HOST_IP: '127.0.0.1' },
    ...{ OMP_NUM_THREADS: `${availableParallelism()}`, PYTHONHASHSEED: '0' },
    ...(path !== undefined && { PYTHONPATH: path, DYN_FORWARDPASS_METRIC_PORT: `${passPort}` }),
  };
}
