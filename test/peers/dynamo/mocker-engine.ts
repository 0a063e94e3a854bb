import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '#test/support/free-ports.ts';
import type { PeerProcess } from '../peer-process.ts';
import { frontendArgs, listsModel, mockerArgs, startDynamo, storeOf } from './dynamo-process.ts';

/** One of Dynamo's mocker workers with a frontend of its own before it, which speaks HTTP. */
export class MockerEngine {
  readonly url: string;
  readonly kvEvents: string;
  readonly kvReplay: string;
  /** What the two leave behind, their discovery folder among it; gone when they are. */
  readonly folder = mkdtempSync(join(tmpdir(), 'windtunnel-dynamo-'));
  readonly #processes: PeerProcess[] = [];

  private constructor([http, events, replay]: readonly number[]) {
    this.url = `http://127.0.0.1:${http}`;
    this.kvEvents = `tcp://127.0.0.1:${events}`;
    this.kvReplay = `tcp://127.0.0.1:${replay}`;
  }

  /** Starts one for a model folder; each has a discovery folder of its own and knows no other. */
  static async start(python: string, model: string, blocks: number): Promise<MockerEngine> {
    const [http, events, replay] = await freePorts(3);
    const engine = new MockerEngine([http!, events!, replay!]);
    const { folder, url } = engine;
    const sockets = ['--zmq-kv-events-ports', `${events}`, '--zmq-replay-ports', `${replay}`];
    const mocker = await startDynamo({
      ...{ python, folder },
      args: [...mockerArgs(model, blocks), ...sockets],
      isReady: async () => true,
    });
    engine.#processes.push(mocker);
    const frontend = await startDynamo({
      ...{ python, folder },
      args: frontendArgs(http!, 'round-robin'),
      isReady: () => {
        mocker.assertAlive();
        return listsModel(url);
      },
    });
    engine.#processes.push(frontend);
    return engine;
  }

  /** Its worker id, and where it publishes KV events on Dynamo's event plane, as its discovery files say. */
  get plane(): { readonly worker: string; readonly address: string } {
    const source = this.record('event_sources');
    const channel = JSON.parse(this.record('event_channels')) as {
      readonly transport: { readonly config: { readonly endpoint: string } };
    };
    // The id has 64 bits, which JSON.parse would round.
    const worker = /"worker_id":(\d+)/.exec(source)![1]!;
    return { worker, address: channel.transport.config.endpoint };
  }

  /** What its discovery folder has about its KV events. */
  record(kind: 'event_sources' | 'event_channels'): string {
    const folder = join(storeOf(this.folder), 'v1', kind);
    const name = readdirSync(folder).find((one) => one.includes('topic%2Fkv%2Devents'));
    return readFileSync(join(folder, name!), 'utf8');
  }

  async stop(): Promise<void> {
    await Promise.all(this.#processes.map((one) => one.stop()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
