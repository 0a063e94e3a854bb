import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '#test/support/free-ports.ts';
import { answers, PeerProcess } from '../peer-process.ts';
import { mockerArgs } from './mocker-engine.ts';

const PATIENCE_MS = 90_000;

/** Loopback addresses for all that Dynamo lets one choose. */
const LOOPBACK = {
  DYN_TCP_RPC_HOST: '127.0.0.1',
  DYN_EVENT_PLANE_HOST: '127.0.0.1',
  DYN_TCP_RESPONSE_STREAM_HOST: '127.0.0.1',
  DYN_SYSTEM_HOST: '127.0.0.1',
};

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
    return join(this.#folder, 'kv');
  }

  /** Resolves when it knows the model of a worker. */
  async startFrontend(): Promise<void> {
    const [port] = await freePorts(1);
    this.url = `http://127.0.0.1:${port}`;
    const place = ['--http-host', '127.0.0.1', '--http-port', String(port)];
    const args = ['-m', 'dynamo.frontend', ...place, '--router-mode', 'direct'];
    this.#frontend = await this.#start(args, async () => {
      for (const worker of this.#workers) worker.assertAlive();
      if (!(await answers(`${this.url}/v1/models`))) return false;
      return (await (await fetch(`${this.url}/v1/models`)).text()).includes('"id"');
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

  async #start(args: readonly string[], isReady: () => Promise<boolean>): Promise<PeerProcess> {
    const { python, etcd } = this.#options;
    const [system, passes] = (await freePorts(2)).map(String);
    const discovery =
      etcd === undefined
        ? { DYN_DISCOVERY_BACKEND: 'file', DYN_FILE_KV: this.store }
        : { DYN_DISCOVERY_BACKEND: 'etcd', ETCD_ENDPOINTS: etcd };
    const env = {
      // It keeps copies of model cards in its user's home.
      ...{ ...LOOPBACK, ...discovery, HOME: this.#folder, HF_HUB_OFFLINE: '1' },
      ...{ DYN_REQUEST_PLANE: 'tcp', DYN_EVENT_PLANE: 'zmq' },
      ...{ DYN_SYSTEM_PORT: system!, DYN_FORWARDPASS_METRIC_PORT: passes! },
    };
    return PeerProcess.start(python, args, { env, isReady, patienceMs: PATIENCE_MS });
  }
}
