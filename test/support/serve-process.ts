import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KvFeedStatus } from '#live/events/feed-status.ts';
import type { ServeStatus } from '#live/routing/serve-status.ts';
import { type CliProcess, startCli } from './cli-process.ts';

/** What `GET /status` answers. */
export type StatusAnswer = ServeStatus & { readonly kv_events: readonly KvFeedStatus[] };

/** `windtunnel serve` as its users start it: a process with a config of its own. */
export class ServeProcess {
  readonly url: string;
  readonly #cli: CliProcess;

  private constructor(cli: CliProcess) {
    this.#cli = cli;
    this.url = cli.urls[0]!;
  }

  /** Starts it with what stands in a `serve.yaml`; the port is the system's choice unless it says. */
  static async start(config: Readonly<Record<string, unknown>>): Promise<ServeProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'windtunnel-serve-'));
    const file = join(folder, 'serve.yaml');
    try {
      writeFileSync(file, JSON.stringify({ http: { port: 0 }, ...config }));
      return new ServeProcess(await startCli(['serve', '--config', file]));
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  async status(): Promise<StatusAnswer> {
    return (await fetch(`${this.url}/status`)).json() as Promise<StatusAnswer>;
  }

  /** Ends it as a user would. */
  stop(): Promise<void> {
    return this.#cli.close();
  }
}
