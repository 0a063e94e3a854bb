import { pack } from 'msgpackr';
import { Publisher, Router } from 'zeromq';
import { readReplayFrame, replayRequest } from '#live/events/session/frame.ts';

export interface EventPublisherOptions {
  /** Where to wait for subscribers; the machine chooses the port when absent. */
  readonly address?: string;
  readonly replayAddress?: string;
  /** Calls a subscriber that waits, instead of waiting itself. */
  readonly connects?: boolean;
  /** Parts of a replayed message: 3 before vLLM 0.26 and SGLang 0.5.22, 4 since. */
  readonly replayParts?: 3 | 4;
  /** Batches that are remembered. */
  readonly remembered?: number;
  readonly topic?: string;
}

const EVERYWHERE = 'tcp://127.0.0.1:0';

/** A publisher of KV events with a replay socket, as engines have one, on real sockets. */
export class EventPublisher {
  readonly #publisher = new Publisher({ linger: 0, sendHighWaterMark: 0 });
  readonly #router = new Router({ linger: 0, sendHighWaterMark: 0 });
  readonly #options: EventPublisherOptions;
  #history: { readonly number: Uint8Array; readonly payload: Uint8Array }[] = [];
  #next = 0;

  private constructor(options: EventPublisherOptions) {
    this.#options = options;
  }

  static async open(options: EventPublisherOptions = {}): Promise<EventPublisher> {
    const opened = new EventPublisher(options);
    const { address = EVERYWHERE, replayAddress = EVERYWHERE } = options;
    if (options.connects) opened.#publisher.connect(address);
    else await opened.#publisher.bind(address);
    await opened.#router.bind(replayAddress);
    void opened.#answer();
    return opened;
  }

  get address(): string {
    return this.#publisher.lastEndpoint ?? '';
  }

  get replayAddress(): string {
    return this.#router.lastEndpoint ?? '';
  }

  /** Publishes the events of one step. */
  async publish(events: readonly unknown[]): Promise<void> {
    await this.send(batchOf(events));
  }

  /** Publishes the events of one step, which nobody hears; a replay has them. */
  async lose(events: readonly unknown[]): Promise<void> {
    await this.send(batchOf(events), true);
  }

  /** Publishes any payload; one that is lost is only remembered. */
  async send(payload: Uint8Array, isLost = false): Promise<void> {
    const number = replayRequest(this.#next++)[1]!;
    this.#history.push({ number, payload });
    this.#history = this.#history.slice(-(this.#options.remembered ?? 10_000));
    if (!isLost) await this.#publisher.send([this.#topic, number, payload] as Buffer[]);
  }

  /** Sends parts that no engine would send. */
  async sendParts(parts: readonly Uint8Array[]): Promise<void> {
    await this.#publisher.send(parts as Buffer[]);
  }

  close(): void {
    this.#publisher.close();
    this.#router.close();
  }

  get #topic(): Uint8Array {
    return Buffer.from(this.#options.topic ?? '');
  }

  async #answer(): Promise<void> {
    try {
      for await (const [identity, , from] of this.#router) {
        const request = readReplayFrame([from!, Buffer.of(0)]);
        const first = request === undefined || request === 'end' ? 0 : request.sequence;
        for (const { number, payload } of this.#history) {
          const frame = readReplayFrame([number, payload]);
          if (frame === undefined || frame === 'end' || frame.sequence < first) continue;
          await this.#reply(identity!, this.#topic, number, payload);
        }
        await this.#reply(identity!, Buffer.of(), Buffer.alloc(8, 0xff), Buffer.of());
      }
    } catch {
      // Closed while it answered.
    }
  }

  async #reply(identity: Buffer, ...parts: Uint8Array[]): Promise<void> {
    const sent = this.#options.replayParts === 3 ? parts.slice(1) : parts;
    await this.#router.send([identity, Buffer.of(), ...(sent as Buffer[])]);
  }
}

function batchOf(events: readonly unknown[]): Uint8Array {
  return pack([Date.now() / 1000, events, 0]);
}
