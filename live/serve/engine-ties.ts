import type { EngineEntry } from '#core/config/serve/engine-list.ts';
import type { ServeConfig } from '#core/config/serve/serve-schema.ts';
import type { Clock } from '../clock.ts';
import type { Availability } from '../engines/availability.ts';
import type { EngineReport } from '../engines/engine-load.ts';
import type { EngineSettings } from '../engines/engine-settings.ts';
import { watchEngine } from '../engines/watch-engine.ts';
import type { KvFeedStatus } from '../events/feed-status.ts';
import { type KvEventFeeds, startKvEvents } from '../events/start-kv-events.ts';
import type { LiveRouter } from '../routing/live-router.ts';
import type { EngineEndpoint } from '../routing/route-ask.ts';
import type { FoundEngine } from './engine-scout.ts';

export interface EngineTiesParts {
  readonly router: LiveRouter;
  readonly config: ServeConfig;
  readonly settings: ReadonlyMap<string, EngineSettings>;
  readonly availability: Availability;
  readonly clock: Clock;
  readonly halt: AbortController;
  readonly note: (text: string) => void;
}

/** What is kept up with each engine: its place in the router, its events, its health. */
export class EngineTies {
  readonly #parts: EngineTiesParts;
  readonly #feeds: KvEventFeeds[] = [];
  readonly #watches: Promise<void>[] = [];

  constructor(parts: EngineTiesParts) {
    this.#parts = parts;
  }

  /** Lets requests go to an engine, and follows what it says. */
  async tie({ entry, told }: FoundEngine, blockSize: number): Promise<void> {
    const { router, config } = this.#parts;
    const { name, backend, url, role, data_parallel_size: dpSize } = entry;
    if (told.dataParallelSize !== undefined && told.dataParallelSize !== dpSize) {
      this.#parts.note(
        `engine ${name} has ${told.dataParallelSize} data-parallel ranks, and data_parallel_size says ${dpSize}`,
      );
    }
    const engine = router.addEngine({ name, backend, url, role, dpSize }, traitsOf(entry));
    if (config.router.use_kv_events) await this.#follow(engine, entry, blockSize);
    const intervalMs = config.resilience.health_interval_secs * 1_000;
    if (intervalMs > 0) this.#watch(engine, intervalMs, entry.num_gpu_blocks ?? told.numGpuBlocks);
  }

  /** The state of all feeds of KV events, one a rank. */
  status(): readonly KvFeedStatus[] {
    return this.#feeds.flatMap((feeds) => feeds.status());
  }

  /** After `halt` has aborted. */
  async close(): Promise<void> {
    await Promise.all(this.#watches);
    await Promise.all(this.#feeds.map((feeds) => feeds.stop()));
  }

  async #follow(engine: EngineEndpoint, entry: EngineEntry, blockSize: number): Promise<void> {
    const { router, clock, note } = this.#parts;
    const { kv_events: kvEvents, kv_replay: kvReplay } = entry;
    if (kvEvents === undefined) return;
    const source = {
      ...engine,
      blockSize,
      kvEvents,
      kvReplay,
      kvEventsMode: entry.kv_events_mode,
      kvTopic: entry.kv_topic,
      kvFirstSequence: entry.kv_first_sequence,
    };
    let last = '';
    const onChange = ({ name, rank, state, lack }: KvFeedStatus): void => {
      const text = `KV events of ${name} rank ${rank}: ${state}${lack === undefined ? '' : ` (${lack})`}`;
      if (text !== last && state === 'degraded') note(text);
      last = text;
    };
    this.#feeds.push(
      await startKvEvents({ engines: [source], facts: router.blocks, clock, onChange }),
    );
  }

  #watch(engine: EngineEndpoint, intervalMs: number, blocks: number | undefined): void {
    const { settings, availability, halt, router, config } = this.#parts;
    const own = settings.get(engine.name);
    const judged = config.router.active_decode_blocks_threshold !== undefined;
    const reported = (_engine: EngineEndpoint, { ranks }: EngineReport): void => {
      for (const { rank, kvUsage } of ranks) {
        if (blocks === undefined || kvUsage === undefined || rank >= engine.dpSize) continue;
        router.loadReported(engine.target + rank, -1, -1, Math.round(kvUsage * blocks));
      }
    };
    this.#watches.push(
      watchEngine({
        ...{ engine, availability, intervalMs, signal: halt.signal },
        ...(judged && { reported }),
        ...(own && { settings: own }),
      }),
    );
  }
}

function traitsOf({ taints, topology, lora_adapters: loraAdapters, device }: EngineEntry) {
  return {
    ...(taints !== undefined && { taints }),
    ...(topology !== undefined && { topology }),
    ...(loraAdapters !== undefined && { loraAdapters }),
    ...(device !== undefined && { device }),
  };
}
