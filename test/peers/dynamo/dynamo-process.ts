import { join } from 'node:path';
import { freePorts } from '#test/support/free-ports.ts';
import { PeerProcess } from '../peer-process.ts';

const PATIENCE_MS = 90_000;
/** Tokens of a mocker's blocks. */
export const MOCKER_BLOCK_SIZE = 16;

export interface DynamoProcessOptions {
  readonly python: string;
  /** Arguments of Python: the module of Dynamo and its own. */
  readonly args: readonly string[];
  /** Its home, and where its discovery folder lies by default. */
  readonly folder: string;
  /** Where it is found by others: a file store, or the address of an etcd. */
  readonly discovery?: { readonly store: string } | { readonly etcd: string };
  readonly isReady: () => Promise<boolean>;
}

/** Starts a part of Dynamo with TCP for requests and ZeroMQ for events, on loopback as far as it lets one choose. */
export async function startDynamo(options: DynamoProcessOptions): Promise<PeerProcess> {
  const { python, args, folder, isReady } = options;
  const { discovery = { store: storeOf(folder) } } = options;
  const [system, passes] = await freePorts(2);
  const env = {
    // It keeps copies of model cards in its user's home.
    ...{ HOME: folder, HF_HUB_OFFLINE: '1', DYN_REQUEST_PLANE: 'tcp', DYN_EVENT_PLANE: 'zmq' },
    ...('store' in discovery
      ? { DYN_DISCOVERY_BACKEND: 'file', DYN_FILE_KV: discovery.store }
      : { DYN_DISCOVERY_BACKEND: 'etcd', ETCD_ENDPOINTS: discovery.etcd }),
    ...{ DYN_TCP_RPC_HOST: '127.0.0.1', DYN_TCP_RESPONSE_STREAM_HOST: '127.0.0.1' },
    ...{ DYN_EVENT_PLANE_HOST: '127.0.0.1', DYN_SYSTEM_HOST: '127.0.0.1' },
    // Read as 16 bits with a sign: above 32,767 it does not start.
    DYN_SYSTEM_PORT: `${system}`,
    DYN_FORWARDPASS_METRIC_PORT: `${passes}`,
  };
  return PeerProcess.start(python, args, { env, isReady, patienceMs: PATIENCE_MS });
}

/** Where parts of Dynamo that were started for a folder find each other. */
export function storeOf(folder: string): string {
  return join(folder, 'kv');
}

/** Whether a frontend has found a model. */
export async function listsModel(url: string): Promise<boolean> {
  try {
    const listed = await (await fetch(`${url}/v1/models`)).json();
    return (listed as { readonly data: readonly unknown[] }).data.length > 0;
  } catch {
    return false;
  }
}

/** Arguments of a frontend; `mode`: how it chooses among workers. */
export function frontendArgs(
  port: number,
  mode: 'round-robin' | 'kv' | 'direct',
): readonly string[] {
  const place = ['--http-host', '127.0.0.1', '--http-port', `${port}`];
  return ['-m', 'dynamo.frontend', ...place, '--router-mode', mode];
}

/** Arguments of a mocker worker with so many KV blocks. */
export function mockerArgs(model: string, blocks: number): readonly string[] {
  const size = ['--block-size', `${MOCKER_BLOCK_SIZE}`, '--num-gpu-blocks-override', `${blocks}`];
  const batch = ['--max-num-seqs', '8', '--max-num-batched-tokens', '256'];
  // Without a limit a prompt that does not fit hangs.
  const limits = ['--max-model-len', '1024', '--speedup-ratio', '10'];
  const named = ['--model-path', model, '--model-name', 'tiny'];
  return ['-m', 'dynamo.mocker', ...named, ...size, ...batch, ...limits];
}
