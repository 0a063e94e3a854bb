import { randomBytes, randomUUID } from 'node:crypto';
import { openStream } from '#core/base/random.ts';
import { type Ns, secondsToNs } from '#core/base/time.ts';
import { Faults } from './faults.ts';
import { KvHolds } from './hand-off/kv-holds.ts';
import { type KvEventSource, openPublishers } from './kv-events/open-publishers.ts';
import type { KvEventPublisher } from './kv-events/publisher.ts';
import type { EngineView } from './metrics/engine-view.ts';
import { boundedConfig, type MockOptions } from './mock-options.ts';
import { MockWorker } from './mock-worker.ts';
import type { WakingClock } from './time/waking-clock.ts';

/** How long a computed prompt is held for others, as vLLM's `kv_lease_duration`. */
const LEASE_S = 30;

/**
 * What an engine is between its start and its end: a worker with an empty cache, publishers that count
 * from 0, and nothing wrong with it yet. One that starts again has another.
 */
export class EngineLife {
  readonly options: MockOptions;
  readonly clock: WakingClock;
  readonly worker: MockWorker;
  readonly faults: Faults;
  /** Prompts that other engines are to copy. */
  readonly holds: KvHolds;
  readonly engineId: string = randomUUID();
  /** Where it is found, once it is. */
  url = '';
  readonly publishers: readonly KvEventPublisher[];
  /** Seconds since 1970 when it began. */
  readonly startedS: number;
  /** 0 = awake; 1, 2: how deeply it sleeps. */
  sleepLevel = 0;
  isPaused = false;
  #speed: number;

  private constructor(
    options: MockOptions,
    clock: WakingClock,
    publishers: readonly KvEventPublisher[],
  ) {
    this.options = options;
    this.clock = clock;
    this.publishers = publishers;
    this.faults = new Faults(openStream(options.seed, 'mock.faults'));
    this.holds = new KvHolds(clock, secondsToNs(LEASE_S));
    this.startedS = Date.now() / 1000;
    this.#speed = options.speed;
    this.worker = new MockWorker({
      config: boundedConfig(options.config),
      seed: options.seed,
      role: options.role,
      clock,
      speed: options.speed,
      hashSalt: options.ownHashes ? randomBytes(8).readBigUInt64LE() : 0n,
      publish: (rank, events) => publishers[rank]?.publish(events, this.faults.dropsEvents()),
    });
  }

  /**
   * Opens the sockets of its KV events, where an earlier life had them if there was one; rejects where
   * an address is taken.
   */
  static async begin(
    options: MockOptions,
    clock: WakingClock,
    before: readonly KvEventSource[] = [],
  ): Promise<EngineLife> {
    const ranks = options.config.engine.data_parallel_size;
    return new EngineLife(options, clock, await openPublishers(options.kvEvents, ranks, before));
  }

  /** Where each rank publishes its KV events, and where they can be asked for again. */
  get kvEventSources(): readonly KvEventSource[] {
    return this.publishers.map(({ endpoint, replayEndpoint }) => ({
      endpoint,
      ...(replayEndpoint !== undefined && { replay: replayEndpoint }),
    }));
  }

  /** Engine seconds in a second, faults left out. */
  get speed(): number {
    return this.#speed;
  }

  set speed(speed: number) {
    this.#speed = speed;
    this.setPace();
  }

  /** Lets engine time run as fast as what has been asked and what is wrong allow. */
  setPace(): void {
    const stands = this.faults.now.hang || this.isPaused;
    this.worker.changeRate(stands ? 0 : this.#speed / this.faults.now.slow);
  }

  /** Seconds of the clock that a span of engine time takes, at full pace. */
  clockSpanNs(engineNs: Ns): Ns {
    return Math.ceil(engineNs / this.#speed);
  }

  /** What a scrape tells. */
  view(): EngineView {
    const { engine } = this.worker;
    return {
      model: this.options.model,
      ranks: this.worker.views(),
      blocks: engine.blocks,
      blockSize: engine.blockSize,
      maxModelLen: engine.maxModelLen,
      prefixCaching: this.options.config.engine.enable_prefix_caching,
      refused: this.faults.refused,
      sleepLevel: this.sleepLevel,
      createdS: this.startedS,
    };
  }

  end(): void {
    this.worker.stop();
    for (const publisher of this.publishers) publisher.close();
  }
}
