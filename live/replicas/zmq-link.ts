import { XPublisher } from 'zeromq';
import { DecodeError } from '../events/decode/decode-error.ts';
import { decodePlaneMessage, encodePlaneMessage } from '../events/dynamo/envelope.ts';
import { EventSocket } from '../events/zmq/event-socket.ts';
import { ownFaults } from '../faults.ts';
import { encodeReplicaBatch, REPLICA_TOPIC, type ReplicaEvent } from './replica-event.ts';
import type { LinkOptions, LinkState, ReplicaLink } from './replica-link.ts';

/** Most events of a message, as Dynamo has it. */
const BATCH = 256;
/** Messages that wait for a router that does not read them; it misses those after that. */
const MOST_UNREAD = 10_000;
/** First byte of what a subscriber sends when it begins to listen. */
const SUBSCRIBES = 1;
/** How long what was sent last may take to leave. */
const LINGER_MS = 1_000;

export interface ZmqLinkOptions extends LinkOptions {
  /** Where to wait for subscribers. */
  readonly bind: string;
  /** Where other routers wait. */
  readonly peers: readonly string[];
}

/**
 * Routers that subscribe to each other: each waits at an address of its own and calls all others. A
 * message is what Dynamo's event plane sends in direct mode.
 */
export class ZmqLink implements ReplicaLink {
  readonly batch = BATCH;
  readonly isReady = true;
  unreadable = 0;
  readonly #options: ZmqLinkOptions;
  readonly #publisher = new XPublisher({
    linger: LINGER_MS,
    sendHighWaterMark: MOST_UNREAD,
    verbosity: 'allSubs',
  });
  readonly #sockets: EventSocket[] = [];
  readonly #up = new Set<string>();
  #sequence = 0;
  #isClosed = false;
  #welcomed: Promise<void> = Promise.resolve();

  private constructor(options: ZmqLinkOptions) {
    this.#options = options;
  }

  /** Waits and calls; fails when an address is none, or is taken. */
  static async open(options: ZmqLinkOptions): Promise<ZmqLink> {
    const link = new ZmqLink(options);
    try {
      await link.#publisher.bind(options.bind);
      link.#welcomed = link.#welcome();
      for (const address of options.peers) await link.#call(address);
    } catch (error) {
      await link.close();
      throw error;
    }
    return link;
  }

  get address(): string {
    return this.#publisher.lastEndpoint ?? this.#options.bind;
  }

  get links(): readonly LinkState[] {
    return this.#options.peers.map((address) => ({ address, up: this.#up.has(address) }));
  }

  async send(events: readonly ReplicaEvent[]): Promise<void> {
    const { publisher, nowMs } = this.#options;
    const frames = encodePlaneMessage({
      publisher,
      sequence: this.#sequence++,
      publishedAtMs: nowMs(),
      topic: REPLICA_TOPIC,
      payload: encodeReplicaBatch(events),
    });
    await this.#publisher.send([...frames] as Buffer[]);
  }

  async close(): Promise<void> {
    await Promise.all(this.#sockets.map((socket) => socket.close()));
    this.#isClosed = true;
    this.#publisher.close();
    await this.#welcomed;
  }

  /** Whoever subscribes, for the first time or after a break, has missed what was said before. */
  async #welcome(): Promise<void> {
    while (!this.#isClosed) {
      try {
        const [subscription] = await this.#publisher.receive();
        if (subscription?.[0] === SUBSCRIBES && !this.#isClosed) this.#options.onNewcomer();
      } catch {
        // The socket was closed while it waited.
        return;
      }
    }
  }

  async #call(address: string): Promise<void> {
    let heard: number | undefined;
    const handlers = {
      message: (parts: readonly Uint8Array[]) => {
        heard = this.#message(parts) ?? heard;
      },
      linkUp: () => this.#up.add(address),
      linkDown: () => {
        this.#up.delete(address);
        if (heard !== undefined) this.#options.onCutOff(heard);
      },
    };
    const place = { address, topic: REPLICA_TOPIC, binds: false };
    this.#sockets.push(await EventSocket.open(place, handlers));
  }

  /** Returns who has spoken; undefined where nothing was said. */
  #message(parts: readonly Uint8Array[]): number | undefined {
    try {
      const { publisher, sequence, payload } = decodePlaneMessage(parts);
      this.#options.hear({ publisher, sequence, payload });
      return publisher;
    } catch (error) {
      if (error instanceof DecodeError) this.unreadable++;
      else ownFaults.meet('hearing another router', error);
      return undefined;
    }
  }
}
