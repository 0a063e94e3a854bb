import { setTimeout } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { BlockFacts } from '../block-facts.ts';
import type { KvFeed, KvFeedStatus } from '../feed-status.ts';
import { RankFeed } from '../rank-feed.ts';
import { EventLog } from './event-log.ts';
import { type LoggedEvent, readLoggedEvents } from './read-events.ts';

export interface TrtllmFeedOptions {
  readonly name: string;
  /** `http://HOST:PORT/kv_cache_events`; the path may be left out. */
  readonly url: string;
  /** Target of rank 0; the others follow in a row. */
  readonly target: number;
  readonly ranks: number;
  readonly blockSize: number;
  readonly facts: BlockFacts;
  /** Time between two polls; 100 ms when absent. */
  readonly intervalMs?: number;
  readonly onChange?: (status: KvFeedStatus) => void;
}

const PATH = '/kv_cache_events';
const INTERVAL_MS = 100;
const BACK_OFF_MAX_MS = 5_000;
const TIMEOUT_MS = 10_000;
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Polls the KV events of TensorRT-LLM, which a poll takes out of the engine: nobody else may poll.
 * The engine must be started with `event_buffer_max_size` above 0.
 */
export class TrtllmFeed implements KvFeed {
  readonly #options: TrtllmFeedOptions;
  readonly #logs: readonly EventLog[];
  readonly #agent = new Agent({ connections: 1, maxResponseSize: ANSWER_BYTES_MAX });
  readonly #stopped = new AbortController();
  readonly #ended: Promise<void>;
  #told: readonly string[] = [];

  constructor(options: TrtllmFeedOptions) {
    this.#options = options;
    this.#logs = Array.from({ length: options.ranks }, (_, rank) => {
      const target = options.target + rank;
      return new EventLog(new RankFeed({ ...options, target, rank }));
    });
    this.#ended = this.#poll();
  }

  statuses(): readonly KvFeedStatus[] {
    const { name, target } = this.#options;
    return this.#logs.map((log, rank) => log.status(name, rank, target + rank));
  }

  async close(): Promise<void> {
    this.#stopped.abort();
    await this.#ended;
    await this.#agent.destroy();
    for (const log of this.#logs) log.close();
  }

  async #poll(): Promise<void> {
    const { signal } = this.#stopped;
    const { intervalMs = INTERVAL_MS } = this.#options;
    let pauseMs = intervalMs;
    while (!signal.aborted) {
      try {
        await this.#take(signal);
        pauseMs = intervalMs;
      } catch {
        pauseMs = Math.min(2 * pauseMs, BACK_OFF_MAX_MS);
      }
      if (signal.aborted) return;
      this.#tellOfChanges();
      // An abort ends the pause, and the loop with it.
      await setTimeout(pauseMs, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  async #take(stopped: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([stopped, AbortSignal.timeout(TIMEOUT_MS)]);
    const url = new URL(this.#options.url);
    if (url.pathname === '/') url.pathname = PATH;
    const answer = await request(url, { method: 'POST', dispatcher: this.#agent, signal });
    if (answer.statusCode !== 200) {
      await answer.body.dump();
      throw new Error(`${answer.statusCode} instead of events`);
    }
    this.#apply(await answer.body.text());
  }

  #apply(text: string): void {
    let events: readonly LoggedEvent[];
    try {
      events = readLoggedEvents(text, this.#options.blockSize);
    } catch {
      // The engine has let go of what was in the answer.
      for (const log of this.#logs) log.missed();
      return;
    }
    for (const log of this.#logs) log.heard();
    for (const event of events) this.#logs[event.rank]?.take(event);
  }

  #tellOfChanges(): void {
    const { onChange } = this.#options;
    if (onChange === undefined) return;
    const statuses = this.statuses();
    const now = statuses.map(({ state, lack }) => `${state} ${lack}`);
    for (const [rank, status] of statuses.entries()) {
      if (now[rank] !== this.#told[rank]) onChange(status);
    }
    this.#told = now;
  }
}
