import { type DoorPorts, EngineDoors } from './engine-doors.ts';
import { EngineLife } from './engine-life.ts';
import type { KvEventSource } from './kv-events/open-publishers.ts';
import type { MockOptions } from './mock-options.ts';
import type { MockWorker } from './mock-worker.ts';
import { startWakingClock, type WakingClock } from './time/waking-clock.ts';

const NS_PER_MS = 1_000_000;

/** One engine on the network: HTTP in front, KV events behind, the simulator's worker between. */
export class MockEngine {
  /** Called when it has crashed for good. */
  onDown: () => void = () => {};
  readonly #options: MockOptions;
  readonly #clock: WakingClock;
  #life!: EngineLife;
  #doors!: EngineDoors;
  #isClosed = false;
  #undoRestart: () => void = () => {};

  private constructor(options: MockOptions, clock: WakingClock) {
    this.#options = options;
    this.#clock = clock;
  }

  /** Opens an engine; rejects where an address is taken. */
  static async open(
    options: MockOptions,
    clock: WakingClock = startWakingClock(),
  ): Promise<MockEngine> {
    const engine = new MockEngine(options, clock);
    const { port, bootstrapPort } = options;
    const bootstrap = bootstrapPort === undefined ? {} : { bootstrap: bootstrapPort };
    await engine.#begin({ http: port, ...bootstrap }, []);
    return engine;
  }

  get url(): string {
    return this.#life.url;
  }

  /** Where decode workers of SGLang meet it; undefined where nobody does. */
  get bootstrapPort(): number | undefined {
    return this.#doors.ports.bootstrap;
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
    const { ports } = this.#doors;
    const sources = this.#life.kvEventSources;
    this.#life.end();
    await this.#doors.close();
    if (restartAfterMs === undefined) {
      this.onDown();
      return;
    }
    const atNs = this.#clock.nowNs() + restartAfterMs * NS_PER_MS;
    this.#undoRestart = this.#clock.wakeAt(atNs, () => {
      // Where others have taken its addresses it stays down.
      this.#begin(ports, sources).catch(() => this.onDown());
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#undoRestart();
    this.#life.end();
    await this.#doors.close();
  }

  /** A life begins, at the addresses of one before where there was one. */
  async #begin(ports: DoorPorts, sources: readonly KvEventSource[]): Promise<void> {
    const life = await EngineLife.begin(this.#options, this.#clock, sources);
    try {
      this.#doors = await EngineDoors.open(life, ports, (after) => void this.crash(after));
    } catch (error) {
      life.end();
      throw error;
    }
    const { host } = this.#options;
    life.url = `http://${host.includes(':') ? `[${host}]` : host}:${this.#doors.ports.http}`;
    this.#life = life;
    // It may have been closed while its addresses were opened.
    if (this.#isClosed) await this.close();
  }
}
