import type { NatsConnection, Subscription } from '@nats-io/nats-core';
import type { BlockFacts } from '../block-facts.ts';
import { decodeEnvelope, type Envelope, encodeEnvelope } from '../dynamo/envelope.ts';
import { PlaneIndex, type TargetOfWorker } from '../dynamo/plane-index.ts';
import { decodeRouterEvents } from '../dynamo/router-event.ts';

export interface NatsPlaneOptions {
  readonly connection: NatsConnection;
  /** See `planeSubjectOf`. */
  readonly subject: string;
  readonly facts: BlockFacts;
  readonly targetOf: TargetOfWorker;
}

/** Listens to the KV events of Dynamo's event plane over NATS Core, where it is chosen instead of ZMQ. */
export class NatsPlaneSubscriber {
  readonly index: PlaneIndex;
  readonly #subscription: Subscription;

  constructor({ connection, subject, facts, targetOf }: NatsPlaneOptions) {
    this.index = new PlaneIndex(facts, targetOf);
    this.#subscription = connection.subscribe(subject, {
      callback: (error, message) => {
        if (error === null) this.#message(message.data);
      },
    });
  }

  close(): void {
    this.#subscription.unsubscribe();
    this.index.close();
  }

  #message(data: Uint8Array): void {
    this.index.take(() => {
      const { publisher, payload } = decodeEnvelope(data);
      return { publisher, events: decodeRouterEvents(payload) };
    });
  }
}

/** Publishes messages of the event plane over NATS Core; `PlaneWriter` writes them. */
export function publishToNats(
  connection: NatsConnection,
  subject: string,
  messages: readonly Envelope[],
): void {
  for (const message of messages) connection.publish(subject, encodeEnvelope(message));
}
