import { setImmediate } from 'node:timers/promises';
import { XPublisher } from 'zeromq';
import type { BlockFacts } from '../block-facts.ts';
import { EventSocket } from '../zmq/event-socket.ts';
import { decodePlaneMessage, encodePlaneMessage } from './envelope.ts';
import { HeldBlocks } from './held-blocks.ts';
import { PlaneIndex, type TargetOfWorker } from './plane-index.ts';
import { type PlaneWorker, PlaneWriter } from './plane-writer.ts';
import { decodeRouterEvents } from './router-event.ts';

/** The topic of KV events. */
export const KV_EVENTS_TOPIC = 'kv-events';

export interface PlaneSubscriberOptions {
  /** Publishers' addresses, as Dynamo's discovery names them. */
  readonly addresses: readonly string[];
  readonly facts: BlockFacts;
  readonly targetOf: TargetOfWorker;
}

/** Listens to the KV events of Dynamo's workers, or of other routers, over ZMQ. */
export class PlaneSubscriber {
  readonly index: PlaneIndex;
  /** Messages that are none of the event plane. */
  undecodable = 0;
  readonly #sockets: EventSocket[] = [];

  private constructor(index: PlaneIndex) {
    this.index = index;
  }

  static async open(options: PlaneSubscriberOptions): Promise<PlaneSubscriber> {
    const opened = new PlaneSubscriber(new PlaneIndex(options.facts, options.targetOf));
    const message = (parts: readonly Uint8Array[]) => opened.#message(parts);
    const handlers = { message, linkUp: () => {}, linkDown: () => {} };
    for (const address of options.addresses) {
      const place = { address, topic: KV_EVENTS_TOPIC, binds: false };
      opened.#sockets.push(await EventSocket.open(place, handlers));
    }
    return opened;
  }

  async close(): Promise<void> {
    await Promise.all(this.#sockets.map((socket) => socket.close()));
    this.index.close();
  }

  #message(parts: readonly Uint8Array[]): void {
    try {
      const { publisher, payload } = decodePlaneMessage(parts);
      for (const event of decodeRouterEvents(payload)) this.index.apply(publisher, event);
    } catch {
      this.undecodable++;
    }
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
  readonly nowMs: () => number;
}

/**
 * Publishes what targets hold to Dynamo's routers and to other Windtunnel routers, over ZMQ. Whoever
 * subscribes is told everything from the beginning: there is no request plane to ask on.
 */
export class PlanePublisher {
  /** The facts to tell instead of the router's own. */
  readonly facts: HeldBlocks;
  readonly #writer: PlaneWriter;
  readonly #socket = new XPublisher({ linger: 0, sendHighWaterMark: 0, verbosity: 'allSubs' });
  readonly #targets = new Set<number>();
  #closed = false;
  #ended: Promise<unknown> = Promise.resolve();
  #sending: Promise<void> | undefined;

  private constructor(options: PlanePublisherOptions) {
    this.#writer = new PlaneWriter({ ...options, topic: KV_EVENTS_TOPIC });
    const { stored, removed, cleared } = this.#observe();
    this.facts = new HeldBlocks(options.facts, { stored, removed, cleared });
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

  async close(): Promise<void> {
    await this.#sending;
    this.#closed = true;
    this.#socket.close();
    await this.#ended;
  }

  #observe(): ConstructorParameters<typeof HeldBlocks>[1] {
    const writer = this.#writer;
    return {
      stored: (target, tier, block) => {
        this.#targets.add(target);
        writer.stored(target, tier, block);
        this.#sendSoon();
      },
      removed: (target, tier, block) => {
        writer.removed(target, tier, block);
        this.#sendSoon();
      },
      cleared: (target) => {
        writer.cleared(target);
        this.#sendSoon();
      },
    };
  }

  /** A message holds what has gathered in one turn of the process. */
  #sendSoon(): void {
    this.#sending ??= this.#send();
  }

  async #send(): Promise<void> {
    await setImmediate();
    for (const message of this.#writer.take()) {
      if (this.#closed) return;
      await this.#socket.send([...encodePlaneMessage(message)] as Buffer[]);
    }
    this.#sending = undefined;
    if (this.#writer.hasMore) this.#sendSoon();
  }

  async #welcome(): Promise<void> {
    while (!this.#closed) {
      try {
        const [subscription] = await this.#socket.receive();
        if (subscription?.[0] !== 1) continue;
      } catch {
        return;
      }
      for (const target of this.#targets) this.#writer.repeat(target, this.facts);
      this.#sendSoon();
    }
  }
}
