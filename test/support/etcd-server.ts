import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { freePorts } from './free-ports.ts';
import { until } from './until.ts';

const PREFIX_OF_ALL = 'v1/';

/** A real etcd with one member, on ports that were free just now, and a state folder of its own. */
export class EtcdServer {
  readonly url: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'windtunnel-etcd-'));
  readonly #peerUrl: string;
  #child: ChildProcess | undefined;

  private constructor(port: number, peerPort: number) {
    this.url = `http://127.0.0.1:${port}`;
    this.#peerUrl = `http://127.0.0.1:${peerPort}`;
  }

  static async start(): Promise<EtcdServer> {
    const [port, peerPort] = await freePorts(2);
    const server = new EtcdServer(port!, peerPort!);
    await server.up();
    return server;
  }

  /** Starts it, with all that it held before. */
  async up(): Promise<void> {
    const own = ['--listen-client-urls', this.url, '--advertise-client-urls', this.url];
    const peer = ['--listen-peer-urls', this.#peerUrl, '--initial-advertise-peer-urls'];
    const cluster = [this.#peerUrl, '--initial-cluster', `default=${this.#peerUrl}`];
    const args = ['--data-dir', this.#folder, ...own, ...peer, ...cluster];
    this.#child = spawn('etcd', args, { stdio: 'ignore' });
    // Without the program the wait below says so.
    this.#child.on('error', () => {});
    await until('etcd (Debian package etcd-server) answers', async () => {
      const answer = await request(`${this.url}/health`).catch(() => undefined);
      const text = await answer?.body.text();
      return text?.includes('"true"') ?? false;
    });
  }

  async down(): Promise<void> {
    const child = this.#child;
    child?.kill('SIGKILL');
    if (child !== undefined && child.exitCode === null) await once(child, 'exit');
  }

  async stop(): Promise<void> {
    await this.down();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async put(key: string, value: string): Promise<void> {
    await this.#ask('put', { key: base64(key), value: base64(value) });
  }

  async delete(key: string): Promise<void> {
    await this.#ask('deleterange', { key: base64(key) });
  }

  /** Forgets the history: whoever watches from further back is told so. */
  async compact(): Promise<void> {
    const { header } = await this.#ask('range', { key: base64(PREFIX_OF_ALL) });
    await this.#ask('compaction', { revision: header.revision });
  }

  async #ask(call: string, question: object) {
    const { statusCode, body } = await request(`${this.url}/v3/kv/${call}`, {
      method: 'POST',
      body: JSON.stringify(question),
    });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`etcd answers ${statusCode}: ${text}`);
    return JSON.parse(text) as { readonly header: { readonly revision: string } };
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
