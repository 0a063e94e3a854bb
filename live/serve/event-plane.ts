import { randomBytes } from 'node:crypto';
import type { NatsConnection } from '@nats-io/nats-core';
import type { EngineEntry } from '#core/config/serve/engine-list.ts';
import type {
  EventPlaneConfig,
  PlanePublishConfig,
  PlaneSubscribeConfig,
} from '#core/config/serve/event-plane.ts';
import type { BlockFacts } from '../events/block-facts.ts';
import type { PlaneCounters, PlaneIndex } from '../events/dynamo/plane-index.ts';
import type { PlaneCounts } from '../events/dynamo/plane-teller.ts';
import { WorkerTargets } from '../events/dynamo/worker-targets.ts';
import { KV_EVENTS_TOPIC, PlanePublisher, PlaneSubscriber } from '../events/dynamo/zmq-plane.ts';
import { connectNats } from '../events/nats/connect-nats.ts';
import { DurableFeed } from '../events/nats/durable-feed.ts';
import { planeSubjectOf } from '../events/nats/names.ts';
import { NatsPlaneSubscriber } from '../events/nats/nats-plane.ts';
import { NatsPlanePublisher } from '../events/nats/nats-publisher.ts';
import type { SessionState } from '../events/session/session-status.ts';
import type { EngineEndpoint } from '../routing/route-ask.ts';

const MS_PER_SECOND = 1_000;
/** Publishers' numbers stay below 2^53. */
const PUBLISHER_BYTES = 6;

export interface EventPlaneOptions {
  readonly config: EventPlaneConfig | undefined;
  /** Publishers over ZMQ that are found besides those of the config, now; absent where none are looked for. */
  readonly found?: () => readonly string[];
  /** What whoever runs the router should know: a line each. */
  readonly note?: (text: string) => void;
  /** Who is told what engines hold. */
  readonly facts: BlockFacts;
}

/** Whoever listens to the event plane, over whatever. */
interface PlaneFeed {
  readonly index: PlaneIndex;
  /** Why nothing can come now, where that is known. */
  readonly problem?: string | undefined;
  close(): Promise<void> | void;
}

/** Whoever tells others, over whatever. */
interface PlaneTelling {
  readonly counts: PlaneCounts;
  close(): Promise<void>;
}

/** What `GET /status` says of the event plane. */
export interface EventPlaneStatus {
  readonly subscribed?: {
    readonly over: 'zmq' | 'nats' | 'jetstream';
    readonly undecodable: number;
    /** Why nothing can come now. */
    readonly problem?: string;
    readonly counters: Readonly<PlaneCounters>;
    /** Publishers that are called, over ZMQ. */
    readonly addresses?: readonly string[];
  };
  /** Ranks of which only the plane tells what they hold. */
  readonly ranks: readonly {
    readonly name: string;
    readonly rank: number;
    readonly state: SessionState;
  }[];
  /** Messages to others: those that were passed on, and those that were not. */
  readonly published?: PlaneCounts;
  /** Where subscribers are waited for, over ZMQ. */
  readonly publishes_at?: string;
}

/** The event plane of a live router: what others say of its engines, and what it tells others. */
export class EventPlane {
  readonly #options: EventPlaneOptions;
  readonly #workers = new WorkerTargets();
  readonly #followed = new Map<string, EngineEndpoint>();
  readonly #connections: NatsConnection[] = [];
  /** Keys of the config whose servers are away. */
  readonly #away = new Set<string>();
  readonly #publishers: PlaneTelling[] = [];
  #facts: BlockFacts;
  #feed: PlaneFeed | undefined;
  #over: 'zmq' | 'nats' | 'jetstream' = 'zmq';
  #publishesAt: string | undefined;

  private constructor(options: EventPlaneOptions) {
    this.#options = options;
    this.#facts = options.facts;
  }

  /** Publishes what the config says, from now on; `listen` follows when the first engines are there. */
  static async open(options: EventPlaneOptions): Promise<EventPlane> {
    const plane = new EventPlane(options);
    const publish = options.config?.publish;
    try {
      if (publish !== undefined) await plane.#publish(publish);
    } catch (error) {
      await plane.close();
      throw error;
    }
    return plane;
  }

  /** Who is told what engines say themselves, so that it is published too. */
  get facts(): BlockFacts {
    return this.#facts;
  }

  /** Listens to what the config names. Rejects with what is wrong with its addresses. */
  async listen(): Promise<void> {
    const { config, found } = this.#options;
    const { subscribe } = config ?? {};
    if (subscribe === undefined && found === undefined) return;
    this.#feed = await this.#subscribe(subscribe ?? {});
    this.refresh();
  }

  /** Other publishers are found: they are listened to, and those that are found no more are not. */
  refresh(): void {
    if (!(this.#feed instanceof PlaneSubscriber)) return;
    this.#feed.follow(this.#addresses()).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      this.#options.note?.(`a publisher of the event plane cannot be followed: ${why}`);
    });
  }

  /** An engine is there; the plane counts where it does not tell its KV events itself. */
  join(engine: EngineEndpoint, { kv_events, worker_id }: EngineEntry): void {
    const isFollowed = kv_events === undefined;
    this.#workers.join({ ...engine, workerId: worker_id, isFollowed });
    if (isFollowed) this.#followed.set(engine.name, engine);
  }

  /** It is gone. */
  leave(engine: EngineEndpoint): void {
    this.#workers.leave(engine);
    if (!this.#followed.delete(engine.name)) return;
    for (let rank = 0; rank < engine.dpSize; rank++) {
      this.#feed?.index.remove(engine.target + rank);
    }
  }

  status(): EventPlaneStatus {
    const feed = this.#feed;
    const problem = feed?.problem ?? this.#awayText();
    const addresses = feed instanceof PlaneSubscriber ? { addresses: feed.addresses } : {};
    return {
      ...(feed !== undefined && {
        subscribed: {
          ...{ over: this.#over, undecodable: feed.index.undecodable },
          ...(problem !== undefined && { problem }),
          ...{ counters: feed.index.counters, ...addresses },
        },
      }),
      ranks: feed === undefined ? [] : this.#ranksOf(feed.index),
      ...(this.#publishers.length > 0 && { published: this.#published() }),
      ...(this.#publishesAt !== undefined && { publishes_at: this.#publishesAt }),
    };
  }

  async close(): Promise<void> {
    await this.#feed?.close();
    for (const publisher of this.#publishers) await publisher.close();
    for (const connection of this.#connections) await connection.close();
  }

  #published(): PlaneCounts {
    const sum = (which: keyof PlaneCounts): number =>
      this.#publishers.reduce((total, { counts }) => total + counts[which], 0);
    return { sent: sum('sent'), dropped: sum('dropped') };
  }

  #ranksOf(index: PlaneIndex): EventPlaneStatus['ranks'] {
    return [...this.#followed.values()].flatMap(({ name, target, dpSize }) =>
      Array.from({ length: dpSize }, (_, rank) => ({
        ...{ name, rank, state: index.stateOf(target + rank) },
      })),
    );
  }

  async #publish({ zmq, nats, repeat_secs: repeatSecs }: PlanePublishConfig): Promise<void> {
    const shared = {
      publisher: randomBytes(PUBLISHER_BYTES).readUIntBE(0, PUBLISHER_BYTES),
      workerOf: this.#workers.workerOf,
      nowMs: Date.now,
      repeatMs: repeatSecs * MS_PER_SECOND,
    };
    if (nats !== undefined) {
      const connection = await this.#connect(nats.url, 'event_plane.publish.nats.url');
      const subject = planeSubjectOf(nats, nats.endpoint, KV_EVENTS_TOPIC);
      const publisher = new NatsPlanePublisher({
        ...{ ...shared, connection, subject, facts: this.#facts },
      });
      this.#publishers.push(publisher);
      this.#facts = publisher.facts;
    }
    if (zmq !== undefined) {
      const publisher = await PlanePublisher.open({ ...shared, address: zmq, facts: this.#facts });
      this.#publishers.unshift(publisher);
      this.#facts = publisher.facts;
      this.#publishesAt = publisher.address;
    }
  }

  async #subscribe({ zmq, nats, jetstream }: PlaneSubscribeConfig): Promise<PlaneFeed> {
    const told = { facts: this.#options.facts, targetOf: this.#workers.targetOf };
    if (nats !== undefined) {
      this.#over = 'nats';
      const connection = await this.#connect(nats.url, 'event_plane.subscribe.nats.url');
      const subject = planeSubjectOf(nats, nats.endpoint, KV_EVENTS_TOPIC);
      return new NatsPlaneSubscriber({ ...told, connection, subject });
    }
    if (jetstream !== undefined) {
      this.#over = 'jetstream';
      const { url, consumer, snapshot_threshold: snapshotThreshold } = jetstream;
      const connection = await this.#connect(url, 'event_plane.subscribe.jetstream.url');
      const stream = { connection, component: jetstream, consumer, snapshotThreshold };
      return DurableFeed.open({ ...told, ...stream });
    }
    return PlaneSubscriber.open({ ...told, addresses: zmq ?? [] });
  }

  #addresses(): readonly string[] {
    const { config, found } = this.#options;
    return [...(config?.subscribe?.zmq ?? []), ...(found?.() ?? [])];
  }

  async #connect(url: string, path: string): Promise<NatsConnection> {
    const connection = await connectNats(url, path);
    this.#connections.push(connection);
    void this.#watch(connection, path);
    return connection;
  }

  /** Follows whether the server is there; ends with the connection. */
  async #watch(connection: NatsConnection, path: string): Promise<void> {
    for await (const { type } of connection.status()) {
      if (type === 'reconnect') this.#away.delete(path);
      if (type !== 'disconnect' || this.#away.has(path)) continue;
      this.#away.add(path);
      this.#options.note?.(`the NATS server of ${path} is away`);
    }
  }

  #awayText(): string | undefined {
    const keys = [...this.#away].filter((key) => key.startsWith('event_plane.subscribe'));
    return keys.length === 0 ? undefined : `the server of ${keys.join()} is away`;
  }
}
