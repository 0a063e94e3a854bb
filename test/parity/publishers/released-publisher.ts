import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';

const DRIVER = join(import.meta.dirname, 'released_publisher.py');

/** A process with the publisher of a release. */
export class ReleasedPublisher {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#reader = createInterface({ input: child.stdout! });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /** Starts one; it waits or connects as its release decides by the address. */
  static async start(
    python: string,
    file: string,
    address: string,
    replay: string,
  ): Promise<ReleasedPublisher> {
    const child = spawn(python, [DRIVER, file, address, replay], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const started = new ReleasedPublisher(child);
    await started.#answer('ready');
    return started;
  }

  /** Publishes the events of one step. */
  async publish(events: readonly object[]): Promise<void> {
    this.#child.stdin!.write(`${JSON.stringify(events)}\n`);
    await this.#answer('published');
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
    this.#reader.close();
  }

  async #answer(word: string): Promise<void> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error('the publisher has ended');
      if (value === word) return;
    }
  }
}
