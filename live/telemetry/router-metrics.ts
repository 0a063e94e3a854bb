import { Counter, Histogram, type Registry } from 'prom-client';
import type { KvFeedStatus } from '#live/events/feed-status.ts';
import type { FrontTelemetry } from '#live/http/front-telemetry.ts';
import type { RequestRecord } from '#live/http/request-record.ts';
import type { ServeStatus } from '#live/routing/serve-status.ts';
import { openScrapedGauge, type SetSeries } from './scraped-gauge.ts';

const HIT_RATES = Array.from({ length: 21 }, (_, step) => step / 20);
/** Powers of three from a hundredth of a millisecond, as Dynamo's router has them. */
const OVERHEAD_MS = Array.from({ length: 12 }, (_, step) =>
  Number((0.01 * 3 ** step).toPrecision(6)),
);
const MS_PER_NS = 1e-6;

/** Where the numbers are that a scrape asks for. */
export interface RouterSources {
  readonly status: () => ServeStatus;
  readonly kvFeeds: () => readonly KvFeedStatus[];
}

/**
 * What the router knows: its books at the moment of a scrape, and its predictions as they are made.
 * Names are Dynamo's where Dynamo has one.
 */
export class RouterMetrics implements FrontTelemetry {
  readonly #registry: Registry;
  readonly #blockSize: () => number;
  readonly #hitRate: Histogram;
  readonly #overheadMs: Histogram;
  readonly #predictedTokens: Counter;
  readonly #reusedTokens: Counter;

  constructor(registry: Registry, sources: RouterSources) {
    this.#registry = registry;
    this.#blockSize = () => sources.status().block_size;
    const registers = [registry];
    this.#hitRate = new Histogram({
      name: 'dynamo_component_router_kv_hit_rate',
      help: 'Part of the prompt that the router takes for cached where it sends it',
      buckets: HIT_RATES,
      registers,
    });
    this.#overheadMs = new Histogram({
      name: 'dynamo_router_overhead_total_ms',
      help: 'From the body of a request to its first decision, waiting in the queue included',
      buckets: OVERHEAD_MS,
      registers,
    });
    this.#predictedTokens = new Counter({
      name: 'dynamo_component_router_kv_selected_cached_prefix_tokens_total',
      help: 'Prompt tokens that the router takes for cached where it sends them',
      registers,
    });
    this.#reusedTokens = new Counter({
      name: 'dynamo_component_router_kv_worker_reused_tokens_total',
      help: 'Prompt tokens that engines say they had cached',
      registers,
    });
    this.#booksOf(sources.status);
    this.#enginesOf(sources.status);
    this.#feedsOf(sources.kvFeeds);
  }

  requestEnded(record: Readonly<RequestRecord>): void {
    if (record.cachedTokens > 0) this.#reusedTokens.inc(record.cachedTokens);
    if (record.routedNs < 0) return;
    this.#overheadMs.observe((record.routedNs - record.readNs) * MS_PER_NS);
    if (record.overlapBlocks < 0 || record.inputTokens <= 0) return;
    const tokens = Math.min(record.inputTokens, record.overlapBlocks * this.#blockSize());
    this.#predictedTokens.inc(tokens);
    this.#hitRate.observe(tokens / record.inputTokens);
  }

  #booksOf(status: () => ServeStatus): void {
    this.#gauge(
      'dynamo_frontend_router_queue_pending_requests',
      'Requests that wait in the router',
      [],
      (set) => set({}, status().books.queued),
    );
    this.#gauge('windtunnel_router_requests', 'Requests in the books of the router', [], (set) =>
      set({}, status().books.requests),
    );
    this.#gauge('windtunnel_router_forest_nodes', 'KV blocks that the router knows of', [], (set) =>
      set({}, status().books.forest_nodes),
    );
    const labelNames = ['outcome'];
    this.#gauge(
      'windtunnel_router_refused',
      'Requests turned away since the start',
      labelNames,
      (set) => {
        for (const [outcome, count] of Object.entries(status().refused)) set({ outcome }, count);
      },
    );
  }

  #enginesOf(status: () => ServeStatus): void {
    const perRank = (
      name: string,
      help: string,
      value: (rank: ServeStatus['engines'][number]['ranks'][number]) => number,
    ): void =>
      this.#gauge(name, help, ['worker_id', 'dp_rank', 'engine', 'worker_type'], (set) => {
        for (const { worker, name: engine, role, ranks } of status().engines) {
          for (const rank of ranks) {
            const place = { worker_id: String(worker), dp_rank: String(rank.rank) };
            set({ ...place, engine, worker_type: role }, value(rank));
          }
        }
      });
    perRank(
      'dynamo_frontend_worker_active_decode_blocks',
      'KV blocks of the requests that were sent there',
      (rank) => rank.active_blocks,
    );
    perRank(
      'dynamo_frontend_worker_active_prefill_tokens',
      'Prompt tokens sent there that are not computed yet',
      (rank) => rank.prefill_tokens,
    );
    perRank('dynamo_component_router_worker_registered', '1 = can be sent to', (rank) =>
      rank.available ? 1 : 0,
    );
    perRank('windtunnel_engine_active_requests', 'Requests there', (rank) => rank.active_requests);
    perRank(
      'windtunnel_engine_cached_blocks',
      'KV blocks that it holds, as its events say',
      (rank) => rank.cached_blocks,
    );
  }

  #feedsOf(feeds: () => readonly KvFeedStatus[]): void {
    const perFeed = (name: string, help: string, value: (feed: KvFeedStatus) => number): void =>
      this.#gauge(name, help, ['engine', 'dp_rank'], (set) => {
        for (const feed of feeds()) {
          set({ engine: feed.name, dp_rank: String(feed.rank) }, value(feed));
        }
      });
    perFeed('windtunnel_kv_events_exact', '1 = nothing of the KV events is missing', ({ state }) =>
      state === 'exact' ? 1 : 0,
    );
    perFeed(
      'windtunnel_kv_events_batches',
      'Batches of KV events',
      ({ session }) => session.batches,
    );
    perFeed(
      'windtunnel_kv_events_gaps',
      'Times that batches were missing',
      ({ session }) => session.gaps,
    );
    perFeed(
      'windtunnel_kv_events_restarts',
      'Times that the engine began anew',
      ({ session }) => session.restarts,
    );
    perFeed(
      'windtunnel_kv_events_unreadable',
      'Messages that were none',
      ({ session, batches }) => session.unreadable + batches.undecodable,
    );
  }

  #gauge(
    name: string,
    help: string,
    labelNames: readonly string[],
    fill: (set: SetSeries) => void,
  ): void {
    openScrapedGauge(this.#registry, name, help, labelNames, fill);
  }
}
