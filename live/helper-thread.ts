import { type Transferable, Worker } from 'node:worker_threads';

export interface HelperOptions {
  readonly file: URL;
  readonly data: object;
  /** What of `data` is handed over, and not copied. */
  readonly transfer?: readonly Transferable[];
  readonly message: (message: unknown) => void;
  /** It has died by itself, which is told once. */
  readonly died: (reason: string) => void;
}

/** A thread that nobody waits for: where it dies, whoever started it goes on without. */
export class HelperThread {
  readonly #worker: Worker;
  #isOver = false;

  constructor({ file, data, transfer = [], message, died }: HelperOptions) {
    this.#worker = new Worker(file, { workerData: data, transferList: [...transfer] });
    const over = (reason: string): void => {
      if (this.#isOver) return;
      this.#isOver = true;
      died(reason);
    };
    this.#worker.on('message', message);
    this.#worker.on('error', (error) =>
      over(error instanceof Error ? error.message : String(error)),
    );
    this.#worker.on('exit', (code) => over(`its thread has ended with ${code}`));
  }

  /** The process stays alive for it no more. */
  unref(): void {
    this.#worker.unref();
  }

  post(message: unknown): void {
    if (!this.#isOver) this.#worker.postMessage(message);
  }

  async close(): Promise<void> {
    this.#isOver = true;
    await this.#worker.terminate();
  }
}
