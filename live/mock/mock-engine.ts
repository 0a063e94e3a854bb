import { EngineLife } from './engine-life.ts';
import { engineRoutes } from './http/engine-routes.ts';
import { MockServer } from './http/server.ts';
import type { KvEventSource } from './kv-events/open-publishers.ts';
import type { MockOptions } from './mock-options.ts';
import type { MockWorker } from './mock-worker.ts';
import { startWakingClock, type WakingClock } from './time/waking-clock.ts';

/** One engine on the network: HTTP in front, KV events behind, the simulator's worker between. */
export class MockEngine {
  /** Called when it has crashed for good. */
  onDown: () => void = () => {};
  readonly #clock: WakingClock;
  #life: EngineLife;
  #server: MockServer;
  #port: number;
  #isClosed = false;
  #undoRestart: () => void = () => {};

  private constructor(life: EngineLife, clock: WakingClock) {
    this.#life = life;
    this.#clock = clock;
    this.#server = this.#serve(life);
    this.#port = life.options.port;
  }

  /** Opens an engine; rejects where an address is taken. */
  static async open(
    options: MockOptions,
    clock: WakingClock = startWakingClock(),
  ): Promise<MockEngine> {
    const engine = new MockEngine(await EngineLife.begin(options, clock), clock);
    try {
      engine.#port = await engine.#server.listen(options.host, options.port);
    } catch (error) {
      engine.#life.end();
      throw error;
    }
    return engine;
  }

  get url(): string {
    const { host } = this.#life.options;
    return `http://${host.includes(':') ? `[${host}]` : host}:${this.#port}`;
  }

  /** The worker of the life that it has now, or had last. */
  get worker(): MockWorker {
    return this.#life.worker;
  }

  /** What it is and what is wrong with it. */
  get life(): EngineLife {
    return this.#life;
  }

  get kvEventSources(): readonly KvEventSource[] {
    return this.#life.kvEventSources;
  }

  /**
   * It dies: every connection is cut, what it had in its cache and in its hands is lost. With a time
   * it comes back after it, at the same addresses.
   */
  async crash(restartAfterMs?: number): Promise<void> {
    const sources = this.#life.kvEventSources;
    this.#life.end();
    await this.#server.close();
    if (restartAfterMs === undefined) {
      this.onDown();
      return;
    }
    const atNs = this.#clock.nowNs() + restartAfterMs * 1_000_000;
    this.#undoRestart = this.#clock.wakeAt(atNs, () => void this.#restart(sources));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#undoRestart();
    this.#life.end();
    await this.#server.close();
  }

  async #restart(sources: readonly KvEventSource[]): Promise<void> {
    const { options } = this.#life;
    const life = await EngineLife.begin(options, this.#clock, sources);
    const server = this.#serve(life);
    if (!this.#isClosed) await server.listen(options.host, this.#port);
    this.#life = life;
    this.#server = server;
    // It may have been closed while its addresses were opened.
    if (this.#isClosed) await this.close();
  }

  #serve(life: EngineLife): MockServer {
    const routes = engineRoutes(life, (restartAfterMs) => void this.crash(restartAfterMs));
    return new MockServer(routes, () => life.faults.now.mute);
  }
}
