import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execPath } from 'node:process';
import type { KvFeedStatus } from '#live/events/feed-status.ts';
import type { ServeStatus } from '#live/routing/serve-status.ts';

const MAIN = resolve(import.meta.dirname, '../../ui/cli/main.ts');

/** What `GET /status` answers. */
export type StatusAnswer = ServeStatus & { readonly kv_events: readonly KvFeedStatus[] };

/** `windtunnel serve` as its users start it: a process with a config of its own. */
export class ServeProcess {
  readonly url: string;
  /** Where its config lies, and its journal if it keeps one. */
  readonly folder: string;
  readonly #child: ChildProcess;
  readonly #said: readonly string[];

  private constructor(child: ChildProcess, url: string, folder: string, said: readonly string[]) {
    this.#child = child;
    this.url = url;
    this.folder = folder;
    this.#said = said;
  }

  /** Starts it with what stands in a `serve.yaml`; the port is the system's choice unless it says. */
  static async start(config: Readonly<Record<string, unknown>>): Promise<ServeProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'windtunnel-serve-'));
    writeFileSync(join(folder, 'serve.yaml'), JSON.stringify({ http: { port: 0 }, ...config }));
    const args = [MAIN, 'serve', '--config', join(folder, 'serve.yaml')];
    const child = spawn(execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const said: string[] = [];
    child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()));
    const line = await Promise.race([
      once(child.stdout, 'data').then(([chunk]) => String(chunk)),
      once(child, 'exit').then(() => ''),
    ]);
    const url = /^http:\/\/\S+/.exec(line)?.[0];
    if (url === undefined) throw new Error(`windtunnel serve did not start: ${said.join('')}`);
    return new ServeProcess(child, url, folder, said);
  }

  /** What it has said on standard error. */
  get notes(): string {
    return this.#said.join('');
  }

  async status(): Promise<StatusAnswer> {
    return (await fetch(`${this.url}/status`)).json() as Promise<StatusAnswer>;
  }

  /** Ends it as a user would; its exit code. */
  async stop(): Promise<number | null> {
    const exit = this.#child.exitCode === null ? once(this.#child, 'exit') : undefined;
    this.#child.kill('SIGTERM');
    await exit;
    rmSync(this.folder, { recursive: true });
    return this.#child.exitCode;
  }
}
