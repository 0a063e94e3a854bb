import { setTimeout as sleep } from 'node:timers/promises';
import { type MockProcess, startMockProcess } from '#test/support/mock-process.ts';
import { NatsServer } from '#test/support/nats-server.ts';
import type { Fault } from './fault-plan.ts';

export const ENGINES = 3;
/** Passes of some milliseconds, and caches that documents do not fit into. */
const ENGINE =
  'engine: {block_size: 16, num_gpu_blocks: 1024, max_num_seqs: 64, max_model_len: 4096, timing: {type: linear, base_ms: 3, per_prefill_token_ms: 0.01, per_decode_request_ms: 0.02}}\n';

/** Who stands around a soaked router, and can be hurt: engines, and the server of the event plane. */
export class SoakScene {
  readonly mocks: MockProcess;
  #nats: NatsServer;
  /** The last restart of it, which the next one waits for. */
  #restart: Promise<void> = Promise.resolve();

  private constructor(mocks: MockProcess, nats: NatsServer) {
    this.mocks = mocks;
    this.#nats = nats;
  }

  static async open(): Promise<SoakScene> {
    const nats = await NatsServer.start();
    try {
      return new SoakScene(await startMockProcess({ engine: ENGINE, workers: ENGINES }), nats);
    } catch (error) {
      await nats.stop();
      throw error;
    }
  }

  get natsUrl(): string {
    return this.#nats.url;
  }

  /** Does what a fault says. Never rejects: an engine that is killed hangs up on who told it. */
  async inflict({ kind, engine, body }: Fault): Promise<void> {
    if (kind === 'NATS restarted') {
      this.#restart = this.#restart.then(() => this.#restartNats(Number(body.down_ms)));
      return this.#restart;
    }
    await fetch(`${this.mocks.entries[engine]!.url}/admin/fault`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
      .then((answer) => answer.arrayBuffer())
      .catch(() => undefined);
  }

  async close(): Promise<void> {
    await this.#restart;
    await this.#nats.stop();
    await this.mocks.close();
  }

  async #restartNats(downMs: number): Promise<void> {
    const port = Number(new URL(this.#nats.url).port);
    await this.#nats.stop();
    await sleep(downMs);
    this.#nats = await NatsServer.start(port);
  }
}
