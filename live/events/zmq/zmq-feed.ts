import type { Clock } from '#live/clock.ts';
import type { BlockFacts } from '../block-facts.ts';
import type { KvFeed, KvFeedStatus } from '../feed-status.ts';
import { RankFeed } from '../rank-feed.ts';
import { type EventFrame, readLiveFrame } from '../session/frame.ts';
import { KvSession } from '../session/kv-session.ts';
import { SESSION_DEFAULTS, type SessionOptions } from '../session/session-options.ts';
import type { EventSocketOptions } from './event-socket.ts';
import { ReplaySocket } from './replay-socket.ts';
import { type EventLink, SharedSockets } from './shared-sockets.ts';

export interface ZmqFeedOptions extends EventSocketOptions {
  readonly name: string;
  readonly rank: number;
  readonly ranks: number;
  readonly target: number;
  readonly blockSize: number;
  readonly facts: BlockFacts;
  readonly clock: Clock;
  /** The address of the engine's replay socket; what is missed is missed without one. */
  readonly replayAddress?: string;
  readonly session?: Partial<SessionOptions>;
  /** Those that other engines may share; sockets of its own when absent. */
  readonly sockets?: SharedSockets | undefined;
  /** Told when state or reason have changed. */
  readonly onChange?: (status: KvFeedStatus) => void;
}

const NS_PER_MS = 1e6;

/** The KV events of one rank over ZMQ: sockets and a timer around a session and a book. */
export class ZmqFeed implements KvFeed {
  readonly #options: ZmqFeedOptions;
  readonly #feed: RankFeed;
  readonly #session: KvSession;
  readonly #replay: ReplaySocket | undefined;
  #events: EventLink | undefined;
  #timer: NodeJS.Timeout | undefined;
  #timerAtNs = Infinity;
  #malformed = 0;
  #told = '';

  private constructor(options: ZmqFeedOptions) {
    this.#options = options;
    this.#feed = new RankFeed(options);
    const replays = options.replayAddress !== undefined;
    this.#session = new KvSession({ ...SESSION_DEFAULTS, ...options.session, replays }, this.#feed);
    if (options.replayAddress !== undefined) {
      this.#replay = new ReplaySocket(options.replayAddress, {
        replayed: (request, frame) =>
          this.#settle((now) => this.#session.replayed(request, frame, now)),
        replayEnded: (request) => this.#settle((now) => this.#session.replayEnded(request, now)),
        replayFailed: (request) => this.#settle((now) => this.#session.replayFailed(request, now)),
      });
    }
  }

  /** Begins to listen. Fails when the address is none, or is taken. */
  static async open(options: ZmqFeedOptions): Promise<ZmqFeed> {
    const feed = new ZmqFeed(options);
    const sockets = options.sockets ?? new SharedSockets();
    feed.#events = await sockets.open(options, {
      message: (parts) => feed.#message(parts),
      linkUp: () => feed.#settle((nowNs) => feed.#session.linkUp(nowNs)),
      linkDown: () => feed.#settle(() => feed.#session.linkDown()),
    });
    return feed;
  }

  /** Where it listens, with the port that the machine chose. */
  get address(): string {
    return this.#events?.address ?? '';
  }

  statuses(): readonly KvFeedStatus[] {
    return [this.status()];
  }

  status(): KvFeedStatus {
    const { state, lack, counters } = this.#session;
    const missesBlocks = this.#feed.lack !== undefined && state !== 'connecting';
    return {
      name: this.#options.name,
      rank: this.#options.rank,
      target: this.#options.target,
      state: missesBlocks ? 'degraded' : state,
      lack: lack ?? this.#feed.lack,
      lastProblem: this.#problem(),
      session: counters,
      batches: this.#feed.batches,
      blocks: this.#feed.blocks,
    };
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#replay?.close();
    await this.#events?.close();
    this.#feed.book.forget();
  }

  #problem(): string | undefined {
    if (this.#malformed === 0) return this.#feed.lastProblem;
    return (
      this.#feed.lastProblem ?? `${this.#malformed} messages without topic, number and payload`
    );
  }

  #message(parts: readonly Uint8Array[]): void {
    const frame: EventFrame | undefined = readLiveFrame(parts);
    if (frame === undefined) this.#malformed++;
    else this.#settle((nowNs) => this.#session.live(frame, nowNs));
  }

  /** Tells the session of something, and carries out what it asks for. */
  #settle(tell: (nowNs: number) => void): void {
    tell(this.#options.clock.nowNs());
    const request = this.#session.takeRequest();
    if (request !== undefined) this.#replay?.ask(request);
    this.#arm();
    this.#tellOfChange();
  }

  /** Sees to it that `tick` comes in time; a timer that is early asks again. */
  #arm(): void {
    const atNs = this.#session.nextWakeupNs();
    if (atNs === undefined || (this.#timer !== undefined && this.#timerAtNs <= atNs)) return;
    clearTimeout(this.#timer);
    this.#timerAtNs = atNs;
    const waitMs = Math.ceil(Math.max(0, atNs - this.#options.clock.nowNs()) / NS_PER_MS);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#settle((nowNs) => this.#session.tick(nowNs));
    }, waitMs).unref();
  }

  #tellOfChange(): void {
    const { onChange } = this.#options;
    if (onChange === undefined) return;
    const { state, lack } = this.#session;
    const now = `${state} ${lack} ${this.#feed.lack}`;
    if (now === this.#told) return;
    this.#told = now;
    onChange(this.status());
  }
}
