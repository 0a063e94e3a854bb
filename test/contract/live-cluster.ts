import { setImmediate } from 'node:timers/promises';
import type { Ns } from '#core/base/time.ts';
import { resolveServe } from '#core/config/serve/resolve-serve.ts';
import type { MockEngine } from '#live/mock/mock-engine.ts';
import { type Serving, startServe } from '#live/serve/start-serve.ts';
import type { HandRow } from '#test/reference/hand-trace.ts';
import { type RunningMocks, startMockEngines } from '#test/support/mock-engines.ts';
import { VirtualClock } from '#test/support/virtual-clock.ts';
import { askFor, type Felt, feltOf, mockEngine, type RouterKeys } from './mock-traffic.ts';

/**
 * Mock engines behind the router that `windtunnel serve` starts, on a clock that only moves on when
 * everybody has heard all that has happened by then: clients their tokens, the router its KV events
 * and the ends of requests. So however busy the machine is, it adds nothing to any time.
 */
export class LiveCluster {
  readonly #clock: VirtualClock;
  readonly #mocks: RunningMocks;
  readonly #serving: Serving;
  #heard = 0;
  #sent = 0;
  #over = 0;

  private constructor(clock: VirtualClock, mocks: RunningMocks, serving: Serving) {
    this.#clock = clock;
    this.#mocks = mocks;
    this.#serving = serving;
  }

  /** So many engines of `mockEngine(1)`, and a router with these keys of its section. */
  static async start(workers: number, router: RouterKeys): Promise<LiveCluster> {
    const clock = new VirtualClock();
    const mocks = await startMockEngines({ count: workers, clock, engine: mockEngine(1) });
    const engines = mocks.engines.map(({ name, url, kvEvents, kvReplay }) => ({
      ...{ name, url, kv_events: kvEvents, kv_replay: kvReplay },
    }));
    // Nobody asks engines how they are: that would take a time of its own.
    const resilience = { health_interval_secs: 0 };
    const serving = await startServe({
      config: resolveServe({ http: { port: 0 }, engines, router, resilience, seed: 42 }),
      folder: '.',
      env: {},
      program: 'test',
      note: () => undefined,
      signal: new AbortController().signal,
    });
    return new LiveCluster(clock, mocks, serving!);
  }

  /** Sends each row at its time; what its client feels. */
  async fly(rows: readonly HandRow[]): Promise<readonly Felt[]> {
    const felt: Promise<Felt>[] = [];
    for (const row of rows) {
      const arrivalNs = row.atMs! * 1e6;
      while (this.#clock.nextNs < arrivalNs) await this.#ring();
      this.#clock.moveTo(arrivalNs);
      felt.push(this.#send(row, arrivalNs));
      await this.#settled();
    }
    while (this.#clock.nextNs < Number.POSITIVE_INFINITY) await this.#ring();
    return Promise.all(felt);
  }

  async close(): Promise<void> {
    await this.#serving.close();
    await this.#mocks.close();
  }

  async #send(row: HandRow, arrivalNs: Ns): Promise<Felt> {
    this.#sent++;
    const response = await askFor(row, this.#serving.url);
    const nowNs = (): Ns => this.#clock.nowNs();
    const felt = await feltOf(response, arrivalNs, nowNs, () => this.#heard++);
    this.#over++;
    return felt;
  }

  async #ring(): Promise<void> {
    this.#clock.ring();
    await this.#settled();
  }

  async #settled(): Promise<void> {
    while (!this.#isSettled()) await setImmediate();
  }

  /** What is cheap to see comes first: this is asked at every turn of the loop. */
  #isSettled(): boolean {
    const mocks = this.#mocks.engines.map(({ mock }) => mock);
    const sumOf = (of: (mock: MockEngine) => number): number =>
      mocks.reduce((sum, mock) => sum + of(mock), 0);
    const open = this.#sent - this.#over;
    if (this.#serving.router.journeys.count !== open) return false;
    if (sumOf(({ worker }) => worker.requests) !== open) return false;
    const said = sumOf(({ life }) => life.view().ranks[0]!.stats.generationTokens);
    if (said !== this.#heard) return false;
    const { kv_events: feeds } = this.#serving.status() as {
      readonly kv_events: readonly { readonly session: { readonly batches: number } }[];
    };
    return mocks.every(
      ({ life }, at) => feeds[at]!.session.batches >= life.publishers[0]!.sequence,
    );
  }
}
