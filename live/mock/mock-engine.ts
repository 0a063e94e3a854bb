import { randomBytes } from 'node:crypto';
import { nsToSeconds } from '#core/base/time.ts';
import { generateRoutes } from './http/generate-routes.ts';
import { modelRoutes } from './http/model-routes.ts';
import { MockServer } from './http/server.ts';
import { vllmShapes } from './http/vllm-shapes.ts';
import { KvEventPublisher } from './kv-events/publisher.ts';
import { endpointOfRank } from './kv-events/rank-endpoint.ts';
import { boundedConfig, type KvEventOptions, type MockOptions } from './mock-options.ts';
import { MockWorker } from './mock-worker.ts';
import { startWakingClock, type WakingClock } from './time/waking-clock.ts';

/** One engine on the network: HTTP in front, KV events behind, the simulator's worker between. */
export class MockEngine {
  readonly options: MockOptions;
  readonly worker: MockWorker;
  readonly #server: MockServer;
  readonly #publishers: readonly KvEventPublisher[];
  #port = 0;

  private constructor(
    options: MockOptions,
    clock: WakingClock,
    publishers: readonly KvEventPublisher[],
  ) {
    const config = boundedConfig(options.config);
    this.options = options;
    this.#publishers = publishers;
    this.worker = new MockWorker({
      config,
      seed: options.seed,
      role: options.role,
      clock,
      speed: options.speed,
      hashSalt: options.ownHashes ? randomBytes(8).readBigUInt64LE() : 0n,
      publish: (rank, events) => this.#publishers[rank]?.publish(events),
    });
    const { model, loras, answerTokens, promptTokensDetails } = options;
    const { maxModelLen, ranks } = this.worker.engine;
    const startedS = Math.floor(Date.now() / 1000 - nsToSeconds(clock.nowNs()));
    const served = { model, loras, maxModelLen, ranks, answerTokens };
    const parts = { worker: this.worker, shapes: vllmShapes, promptTokensDetails };
    const state = () => ({
      options,
      maxModelLen,
      startedS,
      load: this.worker.requests,
      isHealthy: true,
    });
    this.#server = new MockServer(
      { ...generateRoutes(() => ({ parts, served })), ...modelRoutes(state) },
      () => false,
    );
  }

  /** Opens an engine; rejects where an address is taken. */
  static async open(
    options: MockOptions,
    clock: WakingClock = startWakingClock(),
  ): Promise<MockEngine> {
    const ranks = options.config.engine.data_parallel_size;
    const publishers = await openPublishers(options.kvEvents, ranks);
    const engine = new MockEngine(options, clock, publishers);
    try {
      engine.#port = await engine.#server.listen(options.host, options.port);
    } catch (error) {
      await engine.close();
      throw error;
    }
    return engine;
  }

  get url(): string {
    const { host } = this.options;
    return `http://${host.includes(':') ? `[${host}]` : host}:${this.#port}`;
  }

  /** Where each rank publishes its KV events, and where they are asked for again. */
  get kvEventSources(): readonly { readonly endpoint: string; readonly replay?: string }[] {
    return this.#publishers.map(({ endpoint, replayEndpoint }) => ({
      endpoint,
      ...(replayEndpoint !== undefined && { replay: replayEndpoint }),
    }));
  }

  async close(): Promise<void> {
    this.worker.stop();
    for (const publisher of this.#publishers) publisher.close();
    await this.#server.close();
  }
}

async function openPublishers(
  options: KvEventOptions | undefined,
  ranks: number,
): Promise<readonly KvEventPublisher[]> {
  if (options === undefined) return [];
  const { endpoint, replayEndpoint, ...rest } = options;
  const opened: KvEventPublisher[] = [];
  for (let rank = 0; rank < ranks; rank++) {
    const replay = replayEndpoint && { replayEndpoint: endpointOfRank(replayEndpoint, rank) };
    const own = { ...rest, rank, endpoint: endpointOfRank(endpoint, rank), ...replay };
    try {
      opened.push(await KvEventPublisher.open(own));
    } catch (error) {
      for (const publisher of opened) publisher.close();
      throw error;
    }
  }
  return opened;
}
