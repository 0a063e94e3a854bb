import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '#test/support/free-ports.ts';
import { PeerProcess } from '../peer-process.ts';

const PATIENCE_MS = 90_000;
/** Tokens of its blocks. */
export const MOCKER_BLOCK_SIZE = 16;

/** One of Dynamo's mocker workers with a frontend of its own before it, which speaks HTTP. */
export class MockerEngine {
  readonly url: string;
  readonly kvEvents: string;
  readonly kvReplay: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'windtunnel-dynamo-'));
  readonly #processes: PeerProcess[] = [];

  private constructor([http, events, replay]: readonly number[]) {
    this.url = `http://127.0.0.1:${http}`;
    this.kvEvents = `tcp://127.0.0.1:${events}`;
    this.kvReplay = `tcp://127.0.0.1:${replay}`;
  }

  /** Starts one for a model folder; each has a discovery folder of its own and knows no other. */
  static async start(python: string, model: string, blocks: number): Promise<MockerEngine> {
    const ports = await freePorts(5);
    const engine = new MockerEngine(ports);
    const [http, events, replay, ofWorker, ofFrontend] = ports.map(String);
    const sockets = ['--zmq-kv-events-ports', events!, '--zmq-replay-ports', replay!];
    const worker = [...mockerArgs(model, blocks), ...sockets];
    const mocker = await engine.#start(python, worker, ofWorker!, async () => true);
    const place = ['--http-host', '127.0.0.1', '--http-port', http!];
    const frontend = ['-m', 'dynamo.frontend', ...place, '--router-mode', 'round-robin'];
    await engine.#start(python, frontend, ofFrontend!, () => {
      mocker.assertAlive();
      return listsModel(engine.url);
    });
    return engine;
  }

  /** Its worker id, and where it publishes KV events on Dynamo's event plane, as its discovery files say. */
  get plane(): { readonly worker: string; readonly address: string } {
    const source = this.#record('event_sources');
    const channel = JSON.parse(this.#record('event_channels')) as {
      readonly transport: { readonly config: { readonly endpoint: string } };
    };
    // The id has 64 bits, which JSON.parse would round.
    const worker = /"worker_id":(\d+)/.exec(source)![1]!;
    return { worker, address: channel.transport.config.endpoint };
  }

  /** What its discovery folder has about its KV events. */
  #record(kind: string): string {
    const folder = join(this.#folder, 'kv', 'v1', kind);
    const name = readdirSync(folder).find((one) => one.includes('topic%2Fkv%2Devents'));
    return readFileSync(join(folder, name!), 'utf8');
  }

  async stop(): Promise<void> {
    await Promise.all(this.#processes.map((one) => one.stop()));
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #start(
    python: string,
    args: readonly string[],
    systemPort: string,
    isReady: () => Promise<boolean>,
  ): Promise<PeerProcess> {
    const env = {
      // It keeps copies of model cards in its user's home.
      HOME: this.#folder,
      ...{ DYN_DISCOVERY_BACKEND: 'file', DYN_FILE_KV: join(this.#folder, 'kv') },
      ...{ DYN_REQUEST_PLANE: 'tcp', DYN_EVENT_PLANE: 'zmq', HF_HUB_OFFLINE: '1' },
      ...{ DYN_TCP_RPC_HOST: '127.0.0.1', DYN_EVENT_PLANE_HOST: '127.0.0.1' },
      ...{ DYN_TCP_RESPONSE_STREAM_HOST: '127.0.0.1', DYN_SYSTEM_HOST: '127.0.0.1' },
      DYN_SYSTEM_PORT: systemPort,
    };
    const options = { env, isReady, patienceMs: PATIENCE_MS };
    const started = await PeerProcess.start(python, args, options);
    this.#processes.push(started);
    return started;
  }
}

/** The command line of a mocker worker with so many KV blocks. */
export function mockerArgs(model: string, blocks: number): readonly string[] {
  const size = ['--block-size', `${MOCKER_BLOCK_SIZE}`, '--num-gpu-blocks-override', `${blocks}`];
  const batch = ['--max-num-seqs', '8', '--max-num-batched-tokens', '256'];
  // Without a limit a prompt that does not fit hangs.
  const limits = ['--max-model-len', '1024', '--speedup-ratio', '10'];
  const named = ['--model-path', model, '--model-name', 'tiny'];
  return ['-m', 'dynamo.mocker', ...named, ...size, ...batch, ...limits];
}

async function listsModel(url: string): Promise<boolean> {
  try {
    const listed = await (await fetch(`${url}/v1/models`)).json();
    return (listed as { readonly data: readonly unknown[] }).data.length > 0;
  } catch {
    return false;
  }
}
