import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCli } from './cli-process.ts';

export interface MockProcessOptions {
  /** The run config of the engines, as YAML. */
  readonly engine: string;
  /** How many, all in one process. */
  readonly workers: number;
  /** Engine seconds in a second; default 1. */
  readonly speed?: number;
  /** Flags for Node. */
  readonly flags?: readonly string[];
}

/** An entry of the `engines` list of `serve.yaml`. */
export interface MockEntry {
  readonly name: string;
  readonly url: string;
  readonly kv_events: string;
  readonly kv_replay: string;
}

/** Mock engines in a process of their own, on addresses that the system chooses. */
export interface MockProcess {
  readonly pid: number | undefined;
  readonly entries: readonly MockEntry[];
  /** See `CliProcess`. */
  readonly ended: Promise<string>;
  close(): Promise<void>;
}

/** Starts `windtunnel mock-engine`. */
export async function startMockProcess(options: MockProcessOptions): Promise<MockProcess> {
  const { engine, workers, speed = 1, flags } = options;
  const folder = mkdtempSync(join(tmpdir(), 'windtunnel-mock-'));
  try {
    const config = join(folder, 'engine.yaml');
    writeFileSync(config, engine);
    const sockets = ['--kv-events', 'tcp://127.0.0.1:*', '--kv-replay', 'tcp://127.0.0.1:*'];
    const how = ['--port', '0', '--workers', `${workers}`, '--speed', `${speed}`];
    const cli = await startCli(['mock-engine', ...how, ...sockets, '--config', config], flags);
    const entries = await Promise.all(cli.urls.map(entryOf));
    return { pid: cli.pid, entries, ended: cli.ended, close: () => cli.close() };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function entryOf(url: string, at: number): Promise<MockEntry> {
  const sources = (await (await fetch(`${url}/kv_event_sources`)).json()) as {
    readonly '0': { readonly endpoint: string; readonly replay_endpoint: string };
  };
  const { endpoint, replay_endpoint } = sources['0'];
  return { name: `engine-${at}`, url, kv_events: endpoint, kv_replay: replay_endpoint };
}
