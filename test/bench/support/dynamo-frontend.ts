import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sharedPath } from '#test/shared.ts';
import { cpuMsOf } from './cpu-time.ts';

const READY_MS = 60_000;
const POLL_MS = 250;

/** Everything on loopback, found by files: neither etcd nor NATS. */
const LOOPBACK = {
  DYN_DISCOVERY_BACKEND: 'file',
  DYN_REQUEST_PLANE: 'tcp',
  DYN_EVENT_PLANE: 'zmq',
  DYN_TCP_RPC_HOST: '127.0.0.1',
  DYN_EVENT_PLANE_HOST: '127.0.0.1',
  DYN_TCP_RESPONSE_STREAM_HOST: '127.0.0.1',
  DYN_SYSTEM_HOST: '127.0.0.1',
  DYN_LOG: 'error',
  HF_HUB_OFFLINE: '1',
} as const;

/** Token ids of its model: a larger tokenizer takes Dynamo minutes to read. */
export const DYNAMO_VOCABULARY = 4_096;

/** Dynamo's frontend with its KV router before two of its mock workers. */
export interface DynamoFrontend {
  readonly url: string;
  /** Processor time so far, ms; undefined where the system does not tell. */
  frontendCpuMs(): number | undefined;
  workersCpuMs(): number | undefined;
  close(): Promise<void>;
}

/**
 * Starts both from the Python that has them, with a model that `tiny_model.py` of the reference data
 * makes. Rejects where they are not ready within a minute.
 */
export async function startDynamoFrontend(python: string): Promise<DynamoFrontend> {
  const folder = mkdtempSync(join(tmpdir(), 'windtunnel-dynamo-'));
  const children: ChildProcess[] = [];
  const close = async (): Promise<void> => {
    for (const child of children.reverse()) {
      child.kill('SIGTERM');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
    rmSync(folder, { recursive: true });
  };
  try {
    const model = join(folder, 'model');
    const maker = sharedPath('peers', 'tiny_model.py');
    if (maker === undefined) throw new Error('its model needs the reference data');
    spawnSync(python, [maker, model, '--ctx', '16384', '--vocab', `${DYNAMO_VOCABULARY}`], {
      stdio: 'ignore',
    });
    const port = await freePort();
    const env = { ...process.env, ...LOOPBACK, DYN_FILE_KV: join(folder, 'kv') };
    const start = (args: readonly string[]): ChildProcess => {
      const child = spawn(python, ['-m', ...args], { env, stdio: 'ignore' });
      children.push(child);
      return child;
    };
    const workers = start(['dynamo.mocker', '--model-path', model, ...WORKER_OPTIONS]);
    const http = ['--http-host', '127.0.0.1', '--http-port', `${port}`, '--router-mode', 'kv'];
    const frontend = start(['dynamo.frontend', ...http]);
    const url = `http://127.0.0.1:${port}`;
    await ready(url, children);
    return {
      url,
      frontendCpuMs: () => cpuMsOf(frontend.pid),
      workersCpuMs: () => cpuMsOf(workers.pid),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Passes take next to no time, and caches are as large as those of our mock engines. */
const WORKER_OPTIONS = [
  ...['--model-name', 'tiny', '--num-workers', '2', '--block-size', '16'],
  ...['--num-gpu-blocks-override', '16000', '--max-num-seqs', '1024'],
  ...['--max-num-batched-tokens', '8192', '--max-model-len', '16384', '--speedup-ratio', '1000'],
];

async function ready(url: string, children: readonly ChildProcess[]): Promise<void> {
  const untilMs = performance.now() + READY_MS;
  while (performance.now() < untilMs) {
    if (children.some(({ exitCode }) => exitCode !== null)) throw new Error('it ended at once');
    const models = await fetch(`${url}/v1/models`)
      .then((answer) => answer.text())
      .catch(() => '');
    if (models.includes('"id"')) return;
    await sleep(POLL_MS);
  }
  throw new Error(`it was not ready in ${READY_MS / 1_000} s`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
