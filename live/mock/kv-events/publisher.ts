import { Publisher, Router } from 'zeromq';
import type { KvEventOptions } from '../mock-options.ts';
import { encodeBatch, sequenceFrame, type WireEvent } from './encode-batch.ts';
import { ReplayBuffer } from './replay-buffer.ts';

/** Of one rank; the addresses are its own. */
export interface PublisherOptions extends KvEventOptions {
  readonly rank: number;
}

const END_OF_REPLAY = new Uint8Array(8).fill(0xff);
const EMPTY = new Uint8Array(0);

/**
 * Publishes the KV events of one rank as vLLM does: three frames, topic, sequence number and batch,
 * and on a second socket, in frames of four, the batches since a number that somebody names.
 */
export class KvEventPublisher {
  readonly #options: PublisherOptions;
  readonly #socket: Publisher;
  readonly #replay: Router | undefined;
  readonly #topic: Uint8Array;
  readonly #buffer: ReplayBuffer;
  readonly #unsent: (readonly [sequence: number, payload: Uint8Array])[] = [];
  #sending = false;
  #closed = false;

  private constructor(options: PublisherOptions) {
    this.#options = options;
    this.#socket = new Publisher({ sendHighWaterMark: options.hwm, linger: 0 });
    this.#replay = options.replayEndpoint === undefined ? undefined : new Router({ linger: 0 });
    this.#topic = new TextEncoder().encode(options.topic);
    this.#buffer = new ReplayBuffer(options.bufferSteps);
  }

  /** Opens the sockets; throws what ZeroMQ says where an address is taken or none. */
  static async open(options: PublisherOptions): Promise<KvEventPublisher> {
    const publisher = new KvEventPublisher(options);
    try {
      await publisher.#openSockets();
    } catch (error) {
      publisher.close();
      throw error;
    }
    return publisher;
  }

  async #openSockets(): Promise<void> {
    const { endpoint, mode, replayEndpoint } = this.#options;
    if (mode === 'bind') await this.#socket.bind(endpoint);
    else this.#socket.connect(endpoint);
    if (this.#replay === undefined || replayEndpoint === undefined) return;
    await this.#replay.bind(replayEndpoint);
    void this.#serveReplays(this.#replay);
  }

  /** Where batches go, with the port that the system chose if it was asked to. */
  get endpoint(): string {
    return this.#options.mode === 'bind' ? this.#socket.lastEndpoint! : this.#options.endpoint;
  }

  get replayEndpoint(): string | undefined {
    return this.#replay?.lastEndpoint ?? undefined;
  }

  /** Batches published so far, which is the number of the next. */
  get sequence(): number {
    return this.#buffer.next;
  }

  /** Publishes the events of a step; `isLost`: they get a number and are kept, but never sent. */
  publish(events: readonly WireEvent[], isLost = false): void {
    if (this.#closed) return;
    const payload = encodeBatch(Date.now() / 1000, events, this.#options.rank);
    const sequence = this.#buffer.next;
    this.#buffer.push(payload);
    if (isLost) return;
    this.#unsent.push([sequence, payload]);
    if (!this.#sending) void this.#send();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
    this.#replay?.close();
  }

  /** A socket takes one message at a time. */
  async #send(): Promise<void> {
    this.#sending = true;
    try {
      for (let next = this.#unsent.shift(); next !== undefined; next = this.#unsent.shift()) {
        if (this.#closed) return;
        const [sequence, payload] = next;
        await this.#socket.send([this.#topic, sequenceFrame(BigInt(sequence)), payload]);
      }
    } catch (error) {
      if (!this.#closed) throw error;
    } finally {
      this.#sending = false;
    }
  }

  /** Answers `["", number]` with the batches from that number on, and a last one without content. */
  async #serveReplays(socket: Router): Promise<void> {
    for await (const frames of socket) {
      const [peer, , start] = frames;
      if (peer === undefined || start === undefined || start.length !== 8) continue;
      const from = Number(start.readBigUInt64BE());
      for (const [sequence, payload] of this.#buffer.since(from)) {
        const number = sequenceFrame(BigInt(sequence));
        await socket.send([peer, EMPTY, this.#topic, number, payload]);
      }
      await socket.send([peer, EMPTY, EMPTY, END_OF_REPLAY, EMPTY]);
    }
  }
}
