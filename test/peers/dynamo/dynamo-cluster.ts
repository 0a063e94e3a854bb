import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '#test/support/free-ports.ts';
import type { PeerProcess } from '../peer-process.ts';
import { frontendArgs, listsModel, mockerArgs, startDynamo, storeOf } from './dynamo-process.ts';

export interface DynamoClusterOptions {
  readonly python: string;
  /** A folder with config.json and a tokenizer. */
  readonly model: string;
  /** KV blocks of a worker. */
  readonly blocks: number;
  /** The etcd that its discovery is in; a file store of its own when absent. */
  readonly etcd?: string;
}

/** Mocker workers of Dynamo that share a discovery, and a frontend that hands requests on as they say. */
export class DynamoCluster {
  readonly #options: DynamoClusterOptions;
  readonly #folder = mkdtempSync(join(tmpdir(), 'windtunnel-dynamo-'));
  readonly #workers: PeerProcess[] = [];
  #frontend: PeerProcess | undefined;
  /** Where the frontend answers HTTP. */
  url = '';

  constructor(options: DynamoClusterOptions) {
    this.#options = options;
  }

  /** The root of the file store. */
  get store(): string {
    return storeOf(this.#folder);
  }

  /** Resolves when it knows the model of a worker. */
  async startFrontend(): Promise<void> {
    const [port] = await freePorts(1);
    this.url = `http://127.0.0.1:${port}`;
    this.#frontend = await this.#start(frontendArgs(port!, 'direct'), () => {
      for (const worker of this.#workers) worker.assertAlive();
      return listsModel(this.url);
    });
  }

  /** Starts one more worker; it comes up by itself. */
  async startWorker(): Promise<void> {
    const { model, blocks } = this.#options;
    this.#workers.push(await this.#start(mockerArgs(model, blocks), async () => true));
  }

  /** Ends the worker that was started first, as an operator would. */
  async stopWorker(): Promise<void> {
    await this.#workers.shift()?.stop();
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop()));
    await this.#frontend?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #start(args: readonly string[], isReady: () => Promise<boolean>): Promise<PeerProcess> {
    const { python, etcd } = this.#options;
    const discovery = etcd === undefined ? { store: this.store } : { etcd };
    return startDynamo({ python, args, folder: this.#folder, discovery, isReady });
  }
}
