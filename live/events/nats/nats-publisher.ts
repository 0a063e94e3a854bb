import type { NatsConnection } from '@nats-io/nats-core';
import type { HeldBlocks } from '../dynamo/held-blocks.ts';
import { PlaneTeller, type PlaneTellerOptions } from '../dynamo/plane-teller.ts';
import { KV_EVENTS_TOPIC } from '../dynamo/zmq-plane.ts';
import { publishToNats } from './nats-plane.ts';

export interface NatsPublisherOptions extends Omit<PlaneTellerOptions, 'topic' | 'send'> {
  readonly connection: NatsConnection;
  /** See `planeSubjectOf`. */
  readonly subject: string;
}

/**
 * Publishes what targets hold over NATS Core. A server does not tell who subscribes, and keeps
 * nothing: whoever comes late, or was away, learns everything with the next repetition.
 */
export class NatsPlanePublisher {
  readonly #teller: PlaneTeller;

  constructor({ connection, subject, ...told }: NatsPublisherOptions) {
    this.#teller = new PlaneTeller({
      ...{ ...told, topic: KV_EVENTS_TOPIC },
      send: (messages) => {
        if (!connection.isClosed()) publishToNats(connection, subject, messages);
      },
    });
  }

  /** The facts to tell instead of the router's own. */
  get facts(): HeldBlocks {
    return this.#teller.facts;
  }

  close(): Promise<void> {
    return this.#teller.close();
  }
}
