import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './until.ts';

/** A real nats-server with JetStream on a port of the system's choice or ours, and a state folder of its own. */
export class NatsServer {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(child: ChildProcess, folder: string, url: string) {
    this.#child = child;
    this.#folder = folder;
    this.url = url;
  }

  static async start(port = -1): Promise<NatsServer> {
    const folder = mkdtempSync(join(tmpdir(), 'windtunnel-nats-'));
    const place = ['--addr', '127.0.0.1', '--port', `${port}`, '--ports_file_dir', folder];
    const stream = ['--jetstream', '--store_dir', join(folder, 'store')];
    const child = spawn('nats-server', [...place, ...stream], { stdio: 'ignore' });
    // Without the program the wait below says so.
    child.on('error', () => {});
    const portsOf = () => readdirSync(folder).find((name) => name.endsWith('.ports'));
    await until('nats-server (Debian package nats-server) listens', () => portsOf() !== undefined);
    let url = '';
    await until('its ports are written', () => {
      const text = readFileSync(join(folder, portsOf()!), 'utf8');
      if (text.includes('}')) url = (JSON.parse(text) as { readonly nats: string[] }).nats[0] ?? '';
      return url !== '';
    });
    return new NatsServer(child, folder, url);
  }

  async stop(): Promise<void> {
    this.#child.kill();
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
