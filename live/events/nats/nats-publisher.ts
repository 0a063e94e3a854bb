import { ClosedConnectionError, type NatsConnection, RequestError } from '@nats-io/nats-core';
import type { Envelope } from '../dynamo/envelope.ts';
import type { HeldBlocks } from '../dynamo/held-blocks.ts';
import { type PlaneCounts, PlaneTeller, type PlaneTellerOptions } from '../dynamo/plane-teller.ts';
import { KV_EVENTS_TOPIC } from '../dynamo/zmq-plane.ts';
import { publishToNats } from './nats-plane.ts';

export interface NatsPublisherOptions extends Omit<PlaneTellerOptions, 'topic' | 'send'> {
  readonly connection: NatsConnection;
  /** See `planeSubjectOf`. */
  readonly subject: string;
}

/**
 * Publishes what targets hold over NATS Core. A server does not tell who subscribes, and keeps
 * nothing: whoever comes late, or was away, learns everything with the next repetition. While the
 * server is away nothing is kept for it either: all of it is told when it is back.
 */
export class NatsPlanePublisher {
  readonly #teller: PlaneTeller;
  readonly #connection: NatsConnection;
  readonly #subject: string;
  #isUp = true;

  constructor({ connection, subject, ...told }: NatsPublisherOptions) {
    this.#connection = connection;
    this.#subject = subject;
    this.#teller = new PlaneTeller({
      ...{ ...told, topic: KV_EVENTS_TOPIC },
      send: (messages) => this.#send(messages),
    });
    void this.#watch();
  }

  /** The facts to tell instead of the router's own. */
  get facts(): HeldBlocks {
    return this.#teller.facts;
  }

  /** Messages that the server has taken, and messages that it has not. */
  get counts(): PlaneCounts {
    return this.#teller;
  }

  close(): Promise<void> {
    return this.#teller.close();
  }

  /** Waits for the server to have read them, so that no more than these lie in this process. */
  async #send(messages: readonly Envelope[]): Promise<number> {
    if (!this.#isUp) return 0;
    try {
      publishToNats(this.#connection, this.#subject, messages);
      await this.#connection.flush();
      return messages.length;
    } catch (error) {
      // The server went away, or the connection was closed, while they were on their way.
      if (error instanceof RequestError || error instanceof ClosedConnectionError) return 0;
      throw error;
    }
  }

  /** Follows whether the server is there; ends with the connection. */
  async #watch(): Promise<void> {
    for await (const { type } of this.#connection.status()) {
      if (type === 'disconnect') this.#isUp = false;
      if (type === 'reconnect') {
        this.#isUp = true;
        this.#teller.repeat();
      }
    }
  }
}
