import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPLICA_TOPIC } from '#live/replicas/replica-event.ts';
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

/** Where somebody publishes, as Dynamo's discovery has it. */
interface EventChannel {
  readonly type: 'EventChannel';
  readonly scope: object;
  readonly topic: string;
  readonly instance_id: number;
  readonly transport: { readonly kind: 'Zmq'; readonly config: { readonly endpoint: string } };
}

/** Mocker workers of Dynamo that share a discovery, and a frontend that hands requests on as they say. */
export class DynamoCluster {
  readonly #options: DynamoClusterOptions;
  readonly #folder = mkdtempSync(join(tmpdir(), 'windtunnel-dynamo-'));
  readonly #workers: PeerProcess[] = [];
  readonly #routers: PeerProcess[] = [];
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

  /** Starts a frontend that routes by KV and tells other routers so; resolves with its address. */
  async startKvRouter(): Promise<string> {
    const [port] = await freePorts(1);
    const url = `http://127.0.0.1:${port}`;
    const args = [...frontendArgs(port!, 'kv'), '--router-replica-sync'];
    this.#routers.push(await this.#start(args, () => listsModel(url)));
    return url;
  }

  /** Where routers and workers publish what they know of requests. */
  replicaAddresses(): string[] {
    const folder = join(this.store, 'v1', 'event_channels');
    const records = readdirSync(folder).map((name) => {
      return JSON.parse(readFileSync(join(folder, name), 'utf8')) as EventChannel;
    });
    return records
      .filter(({ topic }) => topic === REPLICA_TOPIC)
      .map(({ transport }) => transport.config.endpoint);
  }

  /** Lets Dynamo's routers find one of ours; they hear only publishers that are called as they say. */
  advertiseReplica(endpoint: string, publisher: number): void {
    const channel: EventChannel = {
      type: 'EventChannel',
      scope: {
        kind: 'endpoint',
        endpoint: { namespace: 'dynamo', component: 'backend', name: 'generate' },
      },
      topic: REPLICA_TOPIC,
      instance_id: publisher,
      transport: { kind: 'Zmq', config: { endpoint } },
    };
    const place =
      'namespace/dynamo/component/backend/endpoint/generate/topic/active%5Fsequences%5Fevents';
    const name = `${place}/${publisher.toString(16)}`.replaceAll('/', '%2F');
    writeFileSync(join(this.store, 'v1', 'event_channels', name), JSON.stringify(channel));
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
    await Promise.all(this.#routers.map((router) => router.stop()));
    await this.#frontend?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #start(args: readonly string[], isReady: () => Promise<boolean>): Promise<PeerProcess> {
    const { python, etcd } = this.#options;
    const discovery = etcd === undefined ? { store: this.store } : { etcd };
    return startDynamo({ python, args, folder: this.#folder, discovery, isReady });
  }
}
