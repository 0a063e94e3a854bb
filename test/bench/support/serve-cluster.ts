import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execPath } from 'node:process';

const MAIN = resolve(import.meta.dirname, '..', '..', '..', 'ui', 'cli', 'main.ts');

/** Two mock engines and the router before them, each a process of its own, as a user starts them. */
export interface ServeCluster {
  readonly engines: readonly string[];
  readonly router: string;
  /** Processor time of the router so far, ms; undefined where the system does not tell (only Linux does). */
  routerCpuMs(): number | undefined;
  close(): Promise<void>;
}

/** `engineConfig` is the run config of the mock engines, as YAML. */
export async function startServeCluster(engineConfig: string): Promise<ServeCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'windtunnel-serve-'));
  const children: ChildProcess[] = [];
  const close = async (): Promise<void> => {
    for (const child of children) child.kill('SIGTERM');
    await Promise.all(children.map((child) => child.exitCode ?? once(child, 'exit')));
    rmSync(folder, { recursive: true });
  };
  try {
    writeFileSync(join(folder, 'engine.yaml'), engineConfig);
    const engines: string[] = [];
    const entries: string[] = [];
    for (const name of ['a', 'b']) {
      const [events, replay] = [
        `tcp://127.0.0.1:${await freePort()}`,
        `tcp://127.0.0.1:${await freePort()}`,
      ];
      const flags = [
        '--port',
        '0',
        '--kv-events',
        events,
        '--kv-replay',
        replay,
        '--config',
        join(folder, 'engine.yaml'),
      ];
      const url = await startVerb(children, ['mock-engine', ...flags]);
      engines.push(url);
      entries.push(
        `  - {name: ${name}, url: "${url}", kv_events: "${events}", kv_replay: "${replay}"}`,
      );
    }
    const serve = `http: {port: 0}\nengines:\n${entries.join('\n')}\nrouter: {mode: kv_router}\n`;
    writeFileSync(join(folder, 'serve.yaml'), serve);
    const router = await startVerb(children, ['serve', '--config', join(folder, 'serve.yaml')]);
    const { pid } = children.at(-1)!;
    return { engines, router, routerCpuMs: () => cpuMsOf(pid), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Starts a verb of the CLI; resolves with the URL in its first line. */
async function startVerb(children: ChildProcess[], args: readonly string[]): Promise<string> {
  const child = spawn(execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  let text = '';
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    text += chunk.toString();
    const url = /https?:\/\/\S+/.exec(text)?.[0];
    if (url !== undefined && text.includes('\n')) {
      child.stdout!.resume();
      return url;
    }
  }
  throw new Error(`windtunnel ${args[0]} ended before it was ready`);
}

/** User and system time from /proc, which counts in hundredths of a second. */
function cpuMsOf(pid: number | undefined): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [user, system] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13);
    return 10 * (Number(user) + Number(system));
  } catch {
    return undefined;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
