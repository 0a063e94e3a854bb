import { XPublisher } from 'zeromq';
import type { BlockFacts } from '../block-facts.ts';
import { EventSocket } from '../zmq/event-socket.ts';
import { decodePlaneMessage, type Envelope, encodePlaneMessage } from './envelope.ts';
import type { HeldBlocks } from './held-blocks.ts';
import { PlaneIndex, type TargetOfWorker } from './plane-index.ts';
import { type PlaneCounts, PlaneTeller } from './plane-teller.ts';
import type { PlaneWorker } from './plane-writer.ts';
import { decodeRouterEvents } from './router-event.ts';

/** The topic of KV events. */
export const KV_EVENTS_TOPIC = 'kv-events';
/** Messages that wait for a subscriber that does not read them; it misses those after that. */
const MOST_UNREAD = 10_000;

export interface PlaneSubscriberOptions {
  /** Publishers' addresses, as Dynamo's discovery names them. */
  readonly addresses: readonly string[];
  readonly facts: BlockFacts;
  readonly targetOf: TargetOfWorker;
}

/** Listens to the KV events of Dynamo's workers, or of other routers, over ZMQ. */
export class PlaneSubscriber {
  readonly index: PlaneIndex;
  readonly #sockets = new Map<string, EventSocket>();
  #changing: Promise<void> = Promise.resolve();

  private constructor(index: PlaneIndex) {
    this.index = index;
  }

  static async open(options: PlaneSubscriberOptions): Promise<PlaneSubscriber> {
    const opened = new PlaneSubscriber(new PlaneIndex(options.facts, options.targetOf));
    await opened.follow(options.addresses);
    return opened;
  }

  /** Publishers that are listened to. */
  get addresses(): readonly string[] {
    return [...this.#sockets.keys()];
  }

  /** Listens to these publishers and to no others. Rejects for an address that is none. */
  follow(addresses: readonly string[]): Promise<void> {
    const change = this.#changing.then(() => this.#become(new Set(addresses)));
    this.#changing = change.catch(() => undefined);
    return change;
  }

  async close(): Promise<void> {
    await this.follow([]);
    this.index.close();
  }

  async #become(addresses: ReadonlySet<string>): Promise<void> {
    const gone = [...this.#sockets].filter(([address]) => !addresses.has(address));
    for (const [address, socket] of gone) {
      this.#sockets.delete(address);
      await socket.close();
    }
    const message = (parts: readonly Uint8Array[]) => this.#message(parts);
    const handlers = { message, linkUp: () => {}, linkDown: () => {} };
    for (const address of addresses) {
      if (this.#sockets.has(address)) continue;
      const place = { address, topic: KV_EVENTS_TOPIC, binds: false };
      this.#sockets.set(address, await EventSocket.open(place, handlers));
    }
  }

  #message(parts: readonly Uint8Array[]): void {
    this.index.take(() => {
      const { publisher, payload } = decodePlaneMessage(parts);
      return { publisher, events: decodeRouterEvents(payload) };
    });
  }
}

export interface PlanePublisherOptions {
  /** Where to wait for subscribers; port 0 lets the machine choose. */
  readonly address: string;
  /** Below 2^53, and another one for each life of the process. */
  readonly publisher: number;
  readonly workerOf: (target: number) => PlaneWorker | undefined;
  /** Facts go on to here. */
  readonly facts: BlockFacts;
  /** How often everything is told again, ms; by default only to whoever subscribes. */
  readonly repeatMs?: number;
  /** Messages that wait for a subscriber that does not read; 10,000 by default. */
  readonly mostUnread?: number;
  readonly nowMs: () => number;
}

/**
 * Publishes what targets hold to Dynamo's routers and to other Windtunnel routers, over ZMQ. Whoever
 * subscribes is told everything from the beginning: there is no request plane to ask on.
 */
export class PlanePublisher {
  readonly #teller: PlaneTeller;
  readonly #socket: XPublisher;
  #closed = false;
  #ended: Promise<unknown> = Promise.resolve();

  private constructor(options: PlanePublisherOptions) {
    const sendHighWaterMark = options.mostUnread ?? MOST_UNREAD;
    this.#socket = new XPublisher({ linger: 0, sendHighWaterMark, verbosity: 'allSubs' });
    const send = (messages: readonly Envelope[]) => this.#send(messages);
    this.#teller = new PlaneTeller({ repeatMs: 0, ...options, topic: KV_EVENTS_TOPIC, send });
  }

  static async open(options: PlanePublisherOptions): Promise<PlanePublisher> {
    const opened = new PlanePublisher(options);
    await opened.#socket.bind(options.address);
    opened.#ended = opened.#welcome();
    return opened;
  }

  get address(): string {
    return this.#socket.lastEndpoint ?? '';
  }

  /** The facts to tell instead of the router's own. */
  get facts(): HeldBlocks {
    return this.#teller.facts;
  }

  /** Messages that were sent, and messages that were not. */
  get counts(): PlaneCounts {
    return this.#teller;
  }

  async close(): Promise<void> {
    await this.#teller.close();
    this.#closed = true;
    this.#socket.close();
    await this.#ended;
  }

  async #send(messages: readonly Envelope[]): Promise<number> {
    for (const [at, message] of messages.entries()) {
      if (this.#closed) return at;
      await this.#socket.send([...encodePlaneMessage(message)] as Buffer[]);
    }
    return messages.length;
  }

  async #welcome(): Promise<void> {
    while (!this.#closed) {
      try {
        const [subscription] = await this.#socket.receive();
        if (subscription?.[0] !== 1) continue;
      } catch {
        return;
      }
      this.#teller.repeat();
    }
  }
}
