import { MessageChannel } from 'node:worker_threads';
import { NS_PER_MS, type Ns } from '#core/base/time.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import type { ShadowConfig } from '#core/config/serve/shadow.ts';
import { HelperThread } from '#live/helper-thread.ts';
import type { Clock } from '../clock.ts';
import type { PlacementWatch, SentRequest, SentWatch } from '../routing/placement-watch.ts';
import { type AdviseSetup, Advisor } from './advisor.ts';
import { ErrorMonitor } from './error-monitor.ts';
import { FactQueue } from './fact-queue.ts';
import { sentFactOf } from './sent-fact.ts';
import type { ShadowReply } from './shadow-facts.ts';
import type { ShadowStatus } from './shadow-status.ts';
import type { ShadowTask } from './shadow-task.ts';
import { WatchedRequest, type WatchHost } from './watched-request.ts';

/** A new lag counts so much of the mean that is shown. */
const LAG_WEIGHT = 1 / 16;

export interface ShadowOptions {
  readonly config: Omit<ShadowConfig, 'written'>;
  /** The run that it flies, see `core/config/serve/shadow-run.ts`. */
  readonly run: ResolvedConfig;
  /** Whether what the router takes for cached, engines have said. */
  readonly knowsBlocks: boolean;
  readonly clock: Clock;
  /** What whoever runs the router should know: a line each. */
  readonly note: (text: string) => void;
  readonly advise?: AdviseSetup;
}

/**
 * A simulator of the cluster in a thread of its own, on the facts of the router that it looks on at. It
 * says of each request when its tokens will come, and here that is held against when they do. Nothing
 * of the router waits for it: it is told what there is room for, and where it dies that is said.
 */
export class Shadow implements PlacementWatch {
  /** Hears of each error, (predicted − came) / came. */
  onError: (kind: 'ttft' | 'e2e', error: number) => void = () => {};
  /** Resolves when it has begun, or has died before. */
  readonly begun: Promise<void>;
  readonly #options: ShadowOptions;
  #begin: () => void = () => {};
  readonly #thread: HelperThread;
  readonly #advisor: Advisor | undefined;
  readonly #queue: FactQueue;
  readonly #host: WatchHost;
  readonly #monitors: Readonly<Record<'ttft' | 'e2e', ErrorMonitor>>;
  /** Requests that have not ended, and when they were sent. */
  readonly #watched = new Map<number, { readonly request: WatchedRequest; readonly sentNs: Ns }>();
  #death: string | undefined;
  #nextId = 0;
  #forecasts = 0;
  #late = 0;
  #skipped = 0;
  #lagNs = -1;

  constructor(options: ShadowOptions) {
    this.#options = options;
    this.begun = new Promise((resolve) => {
      this.#begin = resolve;
    });
    const { config, run, advise, note } = options;
    const channel = advise && new MessageChannel();
    this.#advisor = advise && new Advisor(advise, channel!.port2, { clock: options.clock, note });
    const handsOn = channel && { requests: config.advise_requests, arrivals: channel.port1 };
    this.#thread = new HelperThread({
      file: threadFile(),
      data: { config: run, ...(handsOn && { advise: handsOn }) } satisfies ShadowTask,
      ...(channel && { transfer: [channel.port1] }),
      message: (reply) => this.#answered(reply as ShadowReply),
      died: (reason) => this.#died(reason),
    });
    this.#queue = new FactQueue(config.queue_facts, (facts) => this.#thread.post(facts));
    this.#monitors = { ttft: this.#monitor('TTFT'), e2e: this.#monitor('E2E') };
    this.#host = this.#hostOfRequests();
  }

  sent(request: SentRequest): SentWatch | undefined {
    if (this.#death !== undefined) return undefined;
    const id = this.#nextId++;
    const wantsForecast = request.ask.task === 'generate' && !this.#queue.isBehind;
    const { knowsBlocks } = this.#options;
    if (!this.#queue.offer(sentFactOf(id, request, { knowsBlocks, wantsForecast }))) {
      return undefined;
    }
    if (request.ask.task === 'generate' && !wantsForecast) this.#skipped++;
    const { atNs, queuedNs } = request;
    const watched = new WatchedRequest(id, atNs - queuedNs, wantsForecast, this.#host);
    this.#watched.set(id, { request: watched, sentNs: atNs });
    return watched;
  }

  status(): ShadowStatus {
    const advice = this.#advisor?.status();
    return {
      state: this.#death === undefined ? 'running' : 'dead',
      ...(this.#death !== undefined && { reason: this.#death }),
      forecasts: this.#forecasts,
      late: this.#late,
      skipped: this.#skipped,
      dropped: this.#queue.dropped,
      facts_waiting: this.#queue.waiting,
      lag_ms: this.#lagNs < 0 ? null : this.#lagNs / NS_PER_MS,
      ttft: this.#monitors.ttft.status(),
      e2e: this.#monitors.e2e.status(),
      ...(advice && { advice }),
    };
  }

  async close(): Promise<void> {
    await Promise.all([this.#thread.close(), this.#advisor?.close()]);
  }

  #answered({ handled, forecasts, hindsights }: ShadowReply): void {
    this.#hasBegun();
    this.#queue.handled(handled);
    for (const { e2eNs, cameNs } of hindsights) {
      this.#monitors.e2e.watch(e2eNs / NS_PER_MS, cameNs / NS_PER_MS);
    }
    const nowNs = this.#options.clock.nowNs();
    for (const forecast of forecasts) {
      const watched = this.#watched.get(forecast.id);
      if (watched === undefined) continue;
      watched.request.forecast = forecast;
      this.#forecasts++;
      const lagNs = nowNs - watched.sentNs;
      this.#lagNs = this.#lagNs < 0 ? lagNs : this.#lagNs + (lagNs - this.#lagNs) * LAG_WEIGHT;
    }
  }

  /** Until then the process waits for it. */
  #hasBegun(): void {
    this.#begin();
    this.#thread.unref();
  }

  #died(reason: string): void {
    this.#death = reason;
    this.#hasBegun();
    this.#watched.clear();
    this.#queue.handled(this.#queue.waiting);
    this.#options.note(`shadow: it has died, the router goes on without: ${reason}`);
  }

  #hostOfRequests(): WatchHost {
    const { clock } = this.#options;
    return {
      now: () => clock.nowNs(),
      judge: (kind, predictedMs, cameMs) => {
        this.#monitors[kind].judge(predictedMs, cameMs);
        // What comes behind a request hardly changes its first token: the model answers for that.
        if (kind === 'ttft') this.#monitors.ttft.watch(predictedMs, cameMs);
      },
      late: () => {
        if (this.#death === undefined) this.#late++;
      },
      ended: (id, generated, isWhole) => {
        if (!this.#watched.delete(id)) return;
        this.#queue.put({ kind: 'ended', id, atNs: clock.nowNs(), generated, isWhole });
      },
    };
  }

  #monitor(name: 'TTFT' | 'E2E'): ErrorMonitor {
    const { config, note } = this.#options;
    const kind = name === 'TTFT' ? 'ttft' : 'e2e';
    return new ErrorMonitor({
      name,
      window: config.window,
      band: config.drift_band,
      floorMs: config.drift_floor_ms,
      note,
      observe: (error) => this.onError(kind, error),
    });
  }
}

/** The thread's file lies beside this one, or beside the bundle that this one is part of. */
function threadFile(): URL {
  const isSource = import.meta.filename.endsWith('.ts');
  return new URL(isSource ? 'shadow-thread.ts' : 'shadow-thread.js', import.meta.url);
}
