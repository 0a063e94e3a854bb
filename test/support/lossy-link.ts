import { Publisher, Subscriber } from 'zeromq';
import { openStream, type RandomStream } from '#core/base/random.ts';
import { decodePlaneMessage } from '#live/events/dynamo/envelope.ts';
import { decodeReplicaEvents, REPLICA_TOPIC } from '#live/replicas/replica-event.ts';

/** How a link treats messages: each number is the part of them that it happens to. */
export interface Lossiness {
  readonly drop: number;
  readonly repeat: number;
  /** Held back until some later message has passed. */
  readonly hold: number;
}

export const LOSSLESS: Lossiness = { drop: 0, repeat: 0, hold: 0 };

/**
 * One direction between two routers that speak over ZMQ: it listens to one where that one waits, and
 * waits for the other at an address of its own. Messages are dropped, repeated and put out of order on
 * the way, and what has got through is known.
 */
export class LossyLink {
  lossiness = LOSSLESS;
  /** Messages that came, and what happened to them. */
  readonly counts = { came: 0, dropped: 0, repeated: 0, held: 0 };
  /** Request ids by what the other side was told of them. */
  readonly passed = {
    added: new Set<string>(),
    prefilled: new Set<string>(),
    freed: new Set<string>(),
  };
  readonly #from = new Subscriber({ linger: 0, receiveHighWaterMark: 0 });
  readonly #to = new Publisher({ linger: 0, sendHighWaterMark: 0 });
  readonly #draw: RandomStream;
  #held: Buffer[][] = [];
  #ended: Promise<void> = Promise.resolve();
  #sending: Promise<void> = Promise.resolve();

  private constructor(seed: number) {
    this.#draw = openStream(seed, 'lossy-link');
  }

  /** `from`: where the speaker waits; `at`: where this waits for the hearer. */
  static async open(from: string, at: string, seed: number): Promise<LossyLink> {
    const link = new LossyLink(seed);
    await link.#to.bind(at);
    link.#from.subscribe(REPLICA_TOPIC);
    link.#from.connect(from);
    link.#ended = link.#carry();
    return link;
  }

  /** Lets everything go that is held back, and hurts no message from now on. */
  async heal(): Promise<void> {
    this.lossiness = LOSSLESS;
    this.#release();
    await this.#sending;
  }

  /** Requests that the other side has been told of, and not of their end. */
  get open(): number {
    const { added, freed } = this.passed;
    return [...added].filter((id) => !freed.has(id)).length;
  }

  async close(): Promise<void> {
    this.#from.close();
    await this.#ended;
    await this.#sending;
    this.#to.close();
  }

  async #carry(): Promise<void> {
    for await (const parts of this.#from) {
      this.counts.came++;
      const { drop, repeat, hold } = this.lossiness;
      const draw = this.#draw.nextFloat();
      if (draw < drop) {
        this.counts.dropped++;
        continue;
      }
      if (draw < drop + hold) {
        this.counts.held++;
        this.#held.push(parts);
        continue;
      }
      this.#pass(parts);
      if (draw < drop + hold + repeat) {
        this.counts.repeated++;
        this.#pass(parts);
      }
      if (this.#held.length > 2) this.#release();
    }
  }

  /** The last one first, so that they are out of order among themselves too. */
  #release(): void {
    for (const parts of this.#held.splice(0).reverse()) this.#pass(parts);
  }

  #pass(parts: Buffer[]): void {
    const { events } = decodeReplicaEvents(decodePlaneMessage(parts).payload);
    for (const { id, data } of events) {
      this.passed[typeof data === 'string' ? data : 'added'].add(id);
    }
    this.#sending = this.#sending.then(() => this.#to.send(parts));
  }
}
