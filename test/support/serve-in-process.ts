import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveServe } from '#core/config/serve/resolve-serve.ts';
import { parseConfigText } from '#core/config/source.ts';
import type { FleetStatus } from '#live/discovery/fleet-status.ts';
import type { ServeStatus } from '#live/routing/serve-status.ts';
import type { EventPlaneStatus } from '#live/serve/event-plane.ts';
import { type Serving, startServe } from '#live/serve/start-serve.ts';

/** What `GET /status` says. */
export type WholeStatus = ServeStatus & {
  readonly discovery: FleetStatus;
  readonly event_plane: EventPlaneStatus;
};

/** A router that serves in this process, from a folder of its own. */
export class ServeInProcess {
  readonly folder = mkdtempSync(join(tmpdir(), 'windtunnel-serve-'));
  /** What whoever runs it was told. */
  readonly notes: string[] = [];
  #serving: Serving | undefined;

  /** Writes a file of the folder. */
  write(name: string, content: object | string): void {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    writeFileSync(join(this.folder, name), text);
  }

  /** Starts the router of a config, on a port of the system's choice. */
  async start(config: object): Promise<void> {
    const text = JSON.stringify({ http: { port: 0 }, ...config });
    const { value, place } = parseConfigText(text, 'serve.yaml');
    this.#serving = await startServe({
      config: resolveServe(value, place),
      folder: this.folder,
      env: {},
      program: 'test',
      note: (line) => this.notes.push(line),
      signal: new AbortController().signal,
    });
  }

  get url(): string {
    return this.#serving!.url;
  }

  async status(): Promise<WholeStatus> {
    return (await fetch(`${this.url}/status`)).json() as Promise<WholeStatus>;
  }

  /** Asks for a completion of a prompt of token ids. */
  complete(prompt: readonly number[], more: object = {}): Promise<Response> {
    return fetch(`${this.url}/v1/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'tiny', prompt, max_tokens: 4, ...more }),
    });
  }

  async close(): Promise<void> {
    await this.#serving?.close();
    rmSync(this.folder, { recursive: true });
  }
}
