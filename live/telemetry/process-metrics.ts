import { collectDefaultMetrics, Histogram, type Registry } from 'prom-client';
import { NS_PER_MS, NS_PER_S, type Ns } from '#core/base/time.ts';
import type { Clock } from '#live/clock.ts';

/** How often the event loop is asked for its turn; delays well below are not seen. */
const PERIOD_MS = 20;
const DELAY_S = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];

/** CPU, memory, garbage and handles of the process, as Node's exporters name them, and the event loop. */
export function openProcessMetrics(registry: Registry, clock: Clock): LoopDelayHistogram {
  collectDefaultMetrics({ register: registry });
  return new LoopDelayHistogram(registry, clock);
}

/**
 * How late a timer's turn comes, all day long: unlike gauges that begin anew with each scrape, its
 * buckets add up over routers and over time, whoever scrapes and however often.
 */
export class LoopDelayHistogram {
  readonly #delays: Histogram;
  readonly #clock: Clock;
  readonly #timer: NodeJS.Timeout;
  #dueNs: Ns;

  constructor(registry: Registry, clock: Clock) {
    this.#clock = clock;
    this.#delays = new Histogram({
      name: 'windtunnel_event_loop_delay_seconds',
      help: 'How long things wait for the one thread that everything goes through',
      buckets: DELAY_S,
      registers: [registry],
    });
    this.#dueNs = clock.nowNs() + PERIOD_MS * NS_PER_MS;
    this.#timer = setInterval(() => this.#turn(), PERIOD_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Node counts the next period from here, so that one delay is not seen twice. */
  #turn(): void {
    const nowNs = this.#clock.nowNs();
    this.#delays.observe(Math.max(0, nowNs - this.#dueNs) / NS_PER_S);
    this.#dueNs = nowNs + PERIOD_MS * NS_PER_MS;
  }
}
