import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { execPath } from 'node:process';

const MAIN = resolve(import.meta.dirname, '..', '..', 'ui', 'cli', 'main.ts');

/** Characters of what a process complains of that are kept. */
const COMPLAINT_KEPT = 4_000;

/** A verb of the CLI that serves, in a process of its own. */
export interface CliProcess {
  readonly pid: number | undefined;
  /** The URLs in the line that it prints when it is ready. */
  readonly urls: readonly string[];
  /** Resolves when it has ended, with how, and the last that it complained of. */
  readonly ended: Promise<string>;
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
  let complaint = '';
  child.stderr!.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-COMPLAINT_KEPT);
  });
  const ended = once(child, 'exit').then(
    ([code, signal]) => `windtunnel ${args[0]} ended with ${code ?? signal}: ${complaint}`,
  );
  return { pid: child.pid, urls: await firstUrls(child, ended), ended, close };
}

function firstUrls(child: ChildProcess, ended: Promise<string>): Promise<readonly string[]> {
  return new Promise((done, reject) => {
    let said = '';
    child.stdout!.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('\n')) done(said.match(/https?:\/\/\S+/g) ?? []);
    });
    void ended.then((how) => reject(new Error(how)));
  });
}
