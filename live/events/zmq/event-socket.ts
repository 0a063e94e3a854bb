import { setTimeout as sleep } from 'node:timers/promises';
import { Subscriber } from 'zeromq';
import { ownFaults } from '#live/faults.ts';
import { Breather } from './breather.ts';
import { MESSAGE_BYTES_MAX, waitsForPeers } from './endpoint.ts';

/** What a subscription tells of. */
export interface EventSocketHandlers {
  message(parts: readonly Uint8Array[]): void;
  linkUp(): void;
  linkDown(): void;
}

export interface EventSocketOptions {
  readonly address: string;
  /** Waits for the publisher to connect; by default when the address names every interface. */
  readonly binds?: boolean;
  /** Only messages whose topic begins so; all when absent. */
  readonly topic?: string;
}

const RECONNECT_MS = 100;
const RECONNECT_MAX_MS = 5_000;
/** An address that was just given back may be taken for a moment still. */
const BIND_TRIES = 10;
const BIND_PAUSE_MS = 50;
/** Seconds without traffic until the machine's TCP asks whether the other side is still there. */
const KEEPALIVE_IDLE_S = 10;

/** A subscription to a publisher, which libzmq keeps up and renews with a back-off. */
export class EventSocket {
  readonly #socket: Subscriber;
  readonly #handlers: EventSocketHandlers;
  #closed = false;
  #isBound = false;
  #ended: Promise<void> = Promise.resolve();

  private constructor(handlers: EventSocketHandlers) {
    this.#handlers = handlers;
    this.#socket = new Subscriber({
      receiveHighWaterMark: 0,
      maxMessageSize: MESSAGE_BYTES_MAX,
      reconnectInterval: RECONNECT_MS,
      reconnectMaxInterval: RECONNECT_MAX_MS,
      tcpKeepalive: 1,
      tcpKeepaliveIdle: KEEPALIVE_IDLE_S,
      tcpKeepaliveInterval: KEEPALIVE_IDLE_S,
      linger: 0,
    });
  }

  /** Begins to listen; fails when the address is none, or is taken. */
  static async open(
    options: EventSocketOptions,
    handlers: EventSocketHandlers,
  ): Promise<EventSocket> {
    const opened = new EventSocket(handlers);
    const socket = opened.#socket;
    socket.events.on('handshake', () => opened.#tell('linkUp'));
    socket.events.on('disconnect', () => opened.#tell('linkDown'));
    socket.subscribe(options.topic ?? '');
    try {
      opened.#isBound = options.binds ?? waitsForPeers(options.address);
      if (opened.#isBound) await bindPatiently(socket, options.address);
      else socket.connect(options.address);
    } catch (error) {
      opened.#closed = true;
      socket.close();
      throw error;
    }
    opened.#ended = opened.#receive();
    return opened;
  }

  /** Where it waits or calls, with the port that the machine chose. */
  get address(): string {
    return this.#socket.lastEndpoint ?? '';
  }

  async close(): Promise<void> {
    if (this.#closed) return this.#ended;
    this.#closed = true;
    // A socket that is closed gives its address back only some time later, and others may want it at once.
    if (this.#isBound) await this.#socket.unbind(this.address);
    this.#socket.close();
    await this.#ended;
  }

  #tell(what: 'linkUp' | 'linkDown'): void {
    if (!this.#closed) ownFaults.guard(`a subscription's ${what}`, () => this.#handlers[what]());
  }

  async #receive(): Promise<void> {
    const breather = new Breather();
    while (!this.#closed) {
      let parts: readonly Uint8Array[];
      try {
        parts = await this.#socket.receive();
      } catch {
        // The socket was closed while it waited.
        return;
      }
      if (this.#closed) return;
      ownFaults.guard("a subscription's message", () => this.#handlers.message(parts));
      if (breather.isDue) await breather.rest();
    }
  }
}

async function bindPatiently(socket: Subscriber, address: string): Promise<void> {
  let taken: unknown;
  for (let attempt = 1; ; attempt++) {
    try {
      return await socket.bind(address);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EADDRINUSE') taken = error;
      // libzmq's errno is the thread's: of the same refusal it says now and then that it was not possible.
      else if (code !== 'EAGAIN') throw error;
      if (attempt >= BIND_TRIES) throw taken ?? error;
      await sleep(BIND_PAUSE_MS);
    }
  }
}
