import { setTimeout } from 'node:timers/promises';
import {
  AckPolicy,
  type ConsumerMessages,
  DeliverPolicy,
  type JetStreamClient,
  type JetStreamManager,
  type JsMsg,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
} from '@nats-io/jetstream';
import { type NatsConnection, nanos } from '@nats-io/nats-core';
import { Objm } from '@nats-io/obj';
import type { BlockFacts } from '../block-facts.ts';
import { PlaneIndex, type PlaneMessage, type TargetOfWorker } from '../dynamo/plane-index.ts';
import { readRouterEvent } from '../dynamo/router-event.ts';
import { parseExactly } from '../exact-json.ts';
import { decodeSnapshot, encodeSnapshot } from './bincode.ts';
import { HeldNames } from './held-names.ts';
import { bucketOf, type DynamoComponent, queueSubjectOf, SNAPSHOT, streamOf } from './names.ts';

export interface DurableFeedOptions {
  readonly connection: NatsConnection;
  readonly component: DynamoComponent;
  /** Names the consumer; every router has a name of its own. */
  readonly consumer: string;
  readonly facts: BlockFacts;
  readonly targetOf: TargetOfWorker;
  /** Messages in the stream above which they are replaced by a snapshot; 1,000,000 when absent. */
  readonly snapshotThreshold?: number;
}

const MS_PER_MINUTE = 60_000;
const STREAM_AGE_MS = 60 * MS_PER_MINUTE;
const INACTIVE_MS = 5 * MS_PER_MINUTE;
const SNAPSHOT_THRESHOLD = 1_000_000;
const STABLE_MS = 100;
const STABLE_READS_MAX = 10;
const CHECK_MS = 1_000;

/** How far a snapshot goes, in its metadata: the number of the last message that is in it. */
const COVERS = 'stream-sequence';

interface Snapshot {
  readonly bytes: Uint8Array;
  readonly covers: number;
}

/**
 * KV events through JetStream, as Dynamo 1.0 has them: a stream of JSON events, a durable consumer for
 * each router, and a snapshot of the index in an object bucket, which takes the place of what is purged.
 */
export class DurableFeed {
  readonly index: PlaneIndex;
  /** Why the stream is not followed now; undefined = it is. */
  problem: string | undefined;
  readonly #options: DurableFeedOptions;
  readonly #stream: string;
  #held = new HeldNames();
  readonly #client: JetStreamClient;
  readonly #manager: JetStreamManager;
  readonly #stopped = new AbortController();
  #messages: ConsumerMessages | undefined;
  /** The number of the last message of the stream that is in the index. */
  #applied = 0;
  #ended: Promise<unknown> = Promise.resolve();

  private constructor(options: DurableFeedOptions, manager: JetStreamManager) {
    this.#options = options;
    this.#stream = streamOf(options.component);
    this.#client = jetstream(options.connection);
    this.#manager = manager;
    this.index = new PlaneIndex(options.facts, options.targetOf);
  }

  /** Loads the snapshot if there is one, and follows the stream, which is made where it is missing. */
  static async open(options: DurableFeedOptions): Promise<DurableFeed> {
    const feed = new DurableFeed(options, await jetstreamManager(options.connection));
    const messages = await feed.#begin();
    feed.#ended = Promise.all([feed.#followOn(messages), feed.#watchSize()]);
    return feed;
  }

  /** Replaces what every router has read by a snapshot, which is there before anything is purged. */
  async snapshot(): Promise<void> {
    const bucket = await new Objm(this.#client).create(bucketOf(this.#options.component));
    const metadata = { [COVERS]: String(this.#applied) };
    await bucket.putBlob({ name: SNAPSHOT, metadata }, encodeSnapshot(this.#held.dump()));
    await this.#purgeAcknowledged();
  }

  /** Stops; the server forgets the consumer some minutes later. */
  async close(): Promise<void> {
    this.#stopped.abort();
    await this.#messages?.close();
    await this.#ended;
    this.index.close();
  }

  /**
   * A snapshot and the stream are the whole history only where no message between the two is gone, by
   * age or by purge; a snapshot that does not say how far it goes is never taken for whole.
   */
  async #loadSnapshot(): Promise<void> {
    const snapshot = await this.#readStable();
    if (snapshot === undefined) return;
    const { state } = await this.#manager.streams.info(this.#stream);
    const events = decodeSnapshot(snapshot.bytes);
    for (const event of events) this.#held.apply(event);
    this.index.load(events, snapshot.covers + 1 >= state.first_seq);
  }

  /** A snapshot that two reads agree on: one may be written just now. */
  async #readStable(): Promise<Snapshot | undefined> {
    let before = await this.#readSnapshot();
    for (let read = 0; before !== undefined && read < STABLE_READS_MAX; read++) {
      await setTimeout(STABLE_MS);
      const again = await this.#readSnapshot();
      if (again === undefined || Buffer.from(before.bytes).equals(again.bytes)) return before;
      before = again;
    }
    return before;
  }

  async #readSnapshot(): Promise<Snapshot | undefined> {
    try {
      const bucket = await new Objm(this.#client).open(bucketOf(this.#options.component));
      const metadata = (await bucket.info(SNAPSHOT))?.metadata;
      const bytes = await bucket.getBlob(SNAPSHOT);
      return bytes === null ? undefined : { bytes, covers: Number(metadata?.[COVERS] ?? -1) };
    } catch {
      // No bucket: nobody has written a snapshot yet.
      return undefined;
    }
  }

  async #consume(): Promise<ConsumerMessages> {
    const { consumer: name } = this.#options;
    // What an earlier life has acknowledged, this one has not seen.
    await this.#manager.consumers.delete(this.#stream, name).catch(() => {});
    await this.#manager.consumers.add(this.#stream, {
      durable_name: name,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      inactive_threshold: nanos(INACTIVE_MS),
    });
    const consumer = await this.#client.consumers.get(this.#stream, name);
    // Without that a lost consumer would be asked for messages for good.
    return consumer.consume({ abort_on_missing_resource: true });
  }

  /** Reads the snapshot, and the stream from its first message on. */
  async #begin(): Promise<ConsumerMessages> {
    await ensureStream(this.#manager, this.#options.component);
    await this.#loadSnapshot();
    this.#messages = await this.#consume();
    return this.#messages;
  }

  /** Follows the stream until the feed is closed; where the server has lost it or our place in it, anew. */
  async #followOn(first: ConsumerMessages): Promise<void> {
    let messages: ConsumerMessages | undefined = first;
    while (messages !== undefined) {
      const why = await this.#follow(messages);
      messages = await this.#beginAgain(why);
    }
  }

  /** Resolves with why the server sends no more messages. */
  async #follow(messages: ConsumerMessages): Promise<string> {
    try {
      for await (const message of messages) {
        this.index.take(() => this.#read(message));
        this.#applied = message.seq;
        message.ack();
      }
      return 'the stream has ended';
    } catch (error) {
      return messageOf(error);
    }
  }

  /** What was read does not count any more, and is read again; undefined when the feed is closed. */
  async #beginAgain(why: string): Promise<ConsumerMessages | undefined> {
    const { signal } = this.#stopped;
    this.problem = why;
    while (!signal.aborted) {
      this.index.forget();
      this.#held = new HeldNames();
      this.#applied = 0;
      try {
        const messages = await this.#begin();
        this.problem = undefined;
        if (!signal.aborted) return messages;
        await messages.close();
      } catch (error) {
        this.problem = messageOf(error);
        await setTimeout(CHECK_MS, undefined, { signal, ref: false }).catch(() => {});
      }
    }
    return undefined;
  }

  #read({ data }: JsMsg): PlaneMessage {
    const event = readRouterEvent(parseExactly(new TextDecoder().decode(data)));
    if (event === undefined) return { publisher: 0, events: [] };
    this.#held.apply(event);
    return { publisher: Number(BigInt.asUintN(52, event.worker)), events: [event] };
  }

  async #watchSize(): Promise<void> {
    const { signal } = this.#stopped;
    const { snapshotThreshold = SNAPSHOT_THRESHOLD } = this.#options;
    while (!signal.aborted) {
      await setTimeout(CHECK_MS, undefined, { signal, ref: false }).catch(() => {});
      if (signal.aborted) return;
      try {
        const { state } = await this.#manager.streams.info(this.#stream);
        if (state.messages > snapshotThreshold) await this.snapshot();
      } catch {
        // The server is away; the next look finds it, or does not.
      }
    }
  }

  /** Removes what every consumer of the stream has acknowledged. */
  async #purgeAcknowledged(): Promise<void> {
    let floor = Infinity;
    for await (const consumer of this.#manager.consumers.list(this.#stream)) {
      floor = Math.min(floor, consumer.ack_floor.stream_seq);
    }
    if (floor > 0 && floor < Infinity) {
      await this.#manager.streams.purge(this.#stream, { seq: floor + 1 });
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Makes the stream of a component where there is none. */
export async function ensureStream(
  manager: JetStreamManager,
  component: DynamoComponent,
): Promise<void> {
  const name = streamOf(component);
  try {
    await manager.streams.info(name);
  } catch {
    const max_age = nanos(STREAM_AGE_MS);
    const subjects = [`${name}.*`];
    await manager.streams.add({ name, subjects, max_age, retention: RetentionPolicy.Limits });
  }
}

/** Publishes one event as Dynamo 1.0 does: JSON, with integers of 64 bits. */
export async function publishDurably(
  client: JetStreamClient,
  component: DynamoComponent,
  json: string,
): Promise<void> {
  await client.publish(queueSubjectOf(component), json);
}
