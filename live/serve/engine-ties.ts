import { InputError } from '#core/base/errors.ts';
import type { EngineEntry } from '#core/config/serve/engine-list.ts';
import type { ServeConfig } from '#core/config/serve/serve-schema.ts';
import type { Clock, Timers } from '../clock.ts';
import type { ServingHands } from '../discovery/engine-fleet.ts';
import type { Availability } from '../engines/availability.ts';
import type { EngineReport } from '../engines/engine-load.ts';
import type { EngineSettings } from '../engines/engine-settings.ts';
import { watchEngine } from '../engines/watch-engine.ts';
import type { KvFeedStatus } from '../events/feed-status.ts';
import { type KvEventFeeds, startKvEvents } from '../events/start-kv-events.ts';
import { SharedSockets } from '../events/zmq/shared-sockets.ts';
import type { LiveRouter } from '../routing/live-router.ts';
import type { EngineEndpoint } from '../routing/route-ask.ts';
import { type FoundEngine, refuseOtherBlocks } from './engine-scout.ts';
import type { EventPlane } from './event-plane.ts';
import { pause } from './pause.ts';

export interface EngineTiesParts {
  readonly router: LiveRouter;
  readonly config: ServeConfig;
  readonly settings: ReadonlyMap<string, EngineSettings>;
  readonly availability: Availability;
  readonly plane: EventPlane;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Ends what goes on in the background. */
  readonly halt: AbortSignal;
  /** An engine whose blocks all others must match, where one says how large they are. */
  readonly first: FoundEngine | undefined;
  readonly note: (text: string) => void;
}

/** How often an engine that is to leave is looked at. */
const DRAIN_LOOK_MS = 50;
/** Who says that an engine that is to leave gets no new requests. */
const LEAVING = 'discovery';

/** What is kept up with one engine. */
interface Tie {
  readonly engine: EngineEndpoint;
  readonly halt: AbortController;
  feeds: KvEventFeeds | undefined;
  watch: Promise<void>;
}

/** What is kept up with each engine: its place in the router, its events, its health. */
export class EngineTies implements ServingHands {
  readonly #parts: EngineTiesParts;
  readonly #ties = new Map<string, Tie>();
  readonly #sockets = new SharedSockets();

  constructor(parts: EngineTiesParts) {
    this.#parts = parts;
  }

  /** Lets requests go to an engine, and follows what it says. Rejects where its blocks or its role do not fit. */
  async join(found: FoundEngine): Promise<void> {
    const { router, config, first, note } = this.#parts;
    const { entry, told } = found;
    const { name, backend, url, role, data_parallel_size: dpSize } = entry;
    refuseOtherBlocks(found, first);
    this.#refuseOtherPool(entry);
    if (told.dataParallelSize !== undefined && told.dataParallelSize !== dpSize) {
      note(
        `engine ${name} has ${told.dataParallelSize} data-parallel ranks, and data_parallel_size says ${dpSize}`,
      );
    }
    const { worker_id: workerId } = entry;
    const joining = {
      name,
      backend,
      url,
      role,
      dpSize,
      ...(workerId !== undefined && { workerId }),
    };
    const engine = router.addEngine(joining, traitsOf(entry));
    const tie: Tie = {
      ...{ engine, halt: new AbortController() },
      ...{ feeds: undefined, watch: Promise.resolve() },
    };
    this.#ties.set(name, tie);
    if (config.router.use_kv_events) this.#parts.plane.join(engine, entry);
    try {
      if (config.router.use_kv_events) tie.feeds = await this.#follow(engine, entry);
    } catch (error) {
      await this.leave(name);
      throw error;
    }
    const intervalMs = config.resilience.health_interval_secs * 1_000;
    const blocks = entry.num_gpu_blocks ?? told.numGpuBlocks;
    if (intervalMs > 0) tie.watch = this.#watch(tie, intervalMs, blocks);
  }

  hold(name: string): void {
    this.#setAvailable(name, false);
  }

  resume(name: string): void {
    this.#setAvailable(name, true);
  }

  async idle(name: string, signal: AbortSignal): Promise<boolean> {
    const { router, timers } = this.#parts;
    const tie = this.#ties.get(name);
    while (!signal.aborted) {
      if (tie === undefined || router.activeRequests(tie.engine) === 0) return true;
      await pause(timers, DRAIN_LOOK_MS, signal);
    }
    return false;
  }

  /** Its events are followed no more, and the router forgets what it holds. */
  async leave(name: string): Promise<void> {
    const tie = this.#ties.get(name);
    if (tie === undefined) return;
    tie.halt.abort();
    await Promise.all([tie.watch, tie.feeds?.stop()]);
    this.#ties.delete(name);
    this.#parts.plane.leave(tie.engine);
    this.#parts.router.removeEngine(name);
    this.#parts.availability.forget(name);
  }

  /** The state of all feeds of KV events, one a rank. */
  status(): readonly KvFeedStatus[] {
    return [...this.#ties.values()].flatMap(({ feeds }) => feeds?.status() ?? []);
  }

  /** After `halt` has aborted. */
  async close(): Promise<void> {
    const ties = [...this.#ties.values()];
    await Promise.all(ties.map(({ watch }) => watch));
    await Promise.all(ties.map(({ feeds }) => feeds?.stop()));
  }

  /** The pools of a router are those of the engines that it was started with. */
  #refuseOtherPool({ name, role }: EngineEntry): void {
    const roles = this.#parts.router.pools.map((pool) => pool.role);
    if (roles.includes(role)) return;
    throw new InputError('config_invalid', `engine ${name} has a role that no engine had`, {
      path: 'engines.role',
      received: role,
      allowed: roles.join(', '),
      remedy: 'start the router again, once one engine of each role is listed',
    });
  }

  #setAvailable(name: string, available: boolean): void {
    const tie = this.#ties.get(name);
    if (tie !== undefined) this.#parts.router.setAvailable(tie.engine, available, LEAVING);
  }

  async #follow(engine: EngineEndpoint, entry: EngineEntry): Promise<KvEventFeeds | undefined> {
    const { router, clock, note, plane } = this.#parts;
    const { kv_events: kvEvents, kv_replay: kvReplay } = entry;
    if (kvEvents === undefined) return undefined;
    const { blockSize } = router.pools[0]!.options;
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
    const sockets = this.#sockets;
    return startKvEvents({ engines: [source], facts: plane.facts, clock, sockets, onChange });
  }

  #watch({ engine, halt: own }: Tie, intervalMs: number, blocks: number | undefined) {
    const { settings, availability, halt, router, config } = this.#parts;
    const asked = settings.get(engine.name);
    const signal = AbortSignal.any([halt, own.signal]);
    const judged = config.router.active_decode_blocks_threshold !== undefined;
    const reported = (_engine: EngineEndpoint, { ranks }: EngineReport): void => {
      for (const { rank, kvUsage } of ranks) {
        if (blocks === undefined || kvUsage === undefined || rank >= engine.dpSize) continue;
        router.loadReported(engine.target + rank, -1, -1, Math.round(kvUsage * blocks));
      }
    };
    return watchEngine({
      ...{ engine, availability, intervalMs, signal },
      ...(judged && { reported }),
      ...(asked && { settings: asked }),
    });
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
