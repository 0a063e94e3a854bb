import {
  type Authenticator,
  credsAuthenticator,
  type Msg,
  type NatsConnection,
} from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { hideCredentials } from '#core/base/hide-secrets.ts';
import { msToNs } from '#core/base/time.ts';
import type { Timers } from '../clock.ts';
import { DecodeError } from '../events/decode/decode-error.ts';
import { decodeEnvelope, encodeEnvelope } from '../events/dynamo/envelope.ts';
import { planeSubjectOf } from '../events/nats/names.ts';
import { ownFaults } from '../faults.ts';
import { encodeReplicaEvent, REPLICA_TOPIC, type ReplicaEvent } from './replica-event.ts';
import type { LinkOptions, LinkState, ReplicaLink } from './replica-link.ts';

/** Between two attempts to reach a server that has never answered, and how long one may take. */
const RETRY_MS = 1_000;
const CONNECT_TIMEOUT_MS = 2_000;
/** Between two attempts once a server was there. */
const RECONNECT_MS = 250;

export interface NatsLinkOptions extends LinkOptions {
  readonly servers: readonly string[];
  /** NAMESPACE.COMPONENT.ENDPOINT: routers of the same endpoint hear each other. */
  readonly endpoint: string;
  /** The contents of a credentials file. */
  readonly credentials?: Uint8Array;
  readonly timers: Timers;
  /** Told once, where nobody answers at first. */
  readonly note: (text: string) => void;
}

/**
 * Routers that meet on one subject of NATS Core, which keeps nothing: what is sent while a router is
 * away is lost to it. A message is one event, as Dynamo sends it over NATS. Until a server answers
 * nothing is sent, and whoever sends keeps it.
 */
export class NatsLink implements ReplicaLink {
  readonly batch = 1;
  unreadable = 0;
  readonly #options: NatsLinkOptions;
  readonly #subject: string;
  #connection: NatsConnection | undefined;
  #isUp = false;
  #isClosed = false;
  #cancelRetry: (() => void) | undefined;
  #attempt: Promise<void> = Promise.resolve();
  #sequence = 0;

  constructor(options: NatsLinkOptions) {
    this.#options = options;
    this.#subject = subjectOf(options.endpoint);
    this.#attempt = this.#connect(true);
  }

  get address(): string {
    return this.#subject;
  }

  get isReady(): boolean {
    return this.#isUp;
  }

  get links(): readonly LinkState[] {
    const { servers } = this.#options;
    const address = this.#connection?.getServer() ?? hideCredentials(servers.join(', '));
    return [{ address, up: this.#isUp }];
  }

  async send(events: readonly ReplicaEvent[]): Promise<void> {
    const { publisher, nowMs } = this.#options;
    for (const event of events) {
      const envelope = {
        publisher,
        sequence: this.#sequence++,
        publishedAtMs: nowMs(),
        topic: REPLICA_TOPIC,
        payload: encodeReplicaEvent(event),
      };
      this.#connection?.publish(this.#subject, encodeEnvelope(envelope));
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#isUp = false;
    this.#cancelRetry?.();
    await this.#attempt;
    const connection = this.#connection;
    if (connection === undefined || connection.isClosed()) return;
    await connection.flush().catch(() => {});
    await connection.close();
  }

  async #connect(isFirst: boolean): Promise<void> {
    const { servers, credentials, note, timers } = this.#options;
    const authenticator: Authenticator | undefined = credentials && credsAuthenticator(credentials);
    try {
      const connection = await connect({
        servers: [...servers],
        ...(authenticator && { authenticator }),
        noEcho: true,
        timeout: CONNECT_TIMEOUT_MS,
        maxReconnectAttempts: -1,
        reconnectTimeWait: RECONNECT_MS,
      });
      await this.#serve(connection);
    } catch (error) {
      if (isFirst) note(`NATS does not answer yet: ${hideCredentials(textOf(error))}`);
      if (this.#isClosed) return;
      this.#cancelRetry = timers.after(msToNs(RETRY_MS), () => {
        this.#attempt = this.#connect(false);
      });
    }
  }

  /** Is ready when the server knows that this router listens. */
  async #serve(connection: NatsConnection): Promise<void> {
    this.#connection = connection;
    connection.subscribe(this.#subject, {
      callback: (error, message) => {
        if (error === null) this.#message(message);
      },
    });
    void this.#watch(connection);
    await connection.flush();
    this.#becomeReady();
  }

  /** Follows whether the server is there; ends with the connection. */
  async #watch(connection: NatsConnection): Promise<void> {
    for await (const { type } of connection.status()) {
      if (type === 'disconnect') this.#isUp = false;
      else if (type === 'reconnect') this.#becomeReady();
    }
  }

  #becomeReady(): void {
    if (this.#isClosed) return;
    this.#isUp = true;
    this.#options.onReady();
  }

  #message({ data }: Msg): void {
    try {
      const { publisher, sequence, payload } = decodeEnvelope(data);
      this.#options.hear({ publisher, sequence, payload });
    } catch (error) {
      if (error instanceof DecodeError) this.unreadable++;
      else ownFaults.meet('hearing another router', error);
    }
  }
}

/** The subject of an endpoint, as Dynamo names it. */
export function subjectOf(endpoint: string): string {
  const [namespace = '', component = '', last = ''] = endpoint.split('.');
  return planeSubjectOf({ namespace, component }, last, REPLICA_TOPIC);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
