import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { execPath } from 'node:process';

const MAIN = resolve(import.meta.dirname, '..', '..', 'ui', 'cli', 'main.ts');

/** A verb of the CLI that serves, in a process of its own. */
export interface CliProcess {
  readonly pid: number | undefined;
  /** The URLs in the line that it prints when it is ready. */
  readonly urls: readonly string[];
  /** SIGTERM; resolves when it has ended. */
  close(): Promise<void>;
}

/** Starts a verb that prints its URLs when it is ready. `flags` go to Node. Rejects with what the verb complained of. */
export async function startCli(
  args: readonly string[],
  flags: readonly string[] = [],
): Promise<CliProcess> {
  const child = spawn(execPath, [...flags, MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const close = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  return { pid: child.pid, urls: await firstUrls(child, args[0]!), close };
}

function firstUrls(child: ChildProcess, verb: string): Promise<readonly string[]> {
  return new Promise((done, reject) => {
    let [said, complaint] = ['', ''];
    child.stderr!.on('data', (chunk: Buffer) => {
      complaint += chunk.toString();
    });
    child.stdout!.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('\n')) done(said.match(/https?:\/\/\S+/g) ?? []);
    });
    child.once('exit', () => reject(new Error(`windtunnel ${verb} ended: ${complaint}`)));
  });
}
