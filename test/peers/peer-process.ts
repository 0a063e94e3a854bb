import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const STEP_MS = 50;
/** Lines of a peer's log that are shown when it does not come up. */
const SHOWN = 15;

export interface PeerOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Whether it can be spoken to; what this throws ends the wait. */
  readonly isReady: () => Promise<boolean>;
  /** How long that may take before the peer is given up. */
  readonly patienceMs: number;
}

/** A peer in a process group of its own; what it says goes to a file, which is shown where it fails. */
export class PeerProcess {
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(child: ChildProcess, folder: string) {
    this.#child = child;
    this.#folder = folder;
    process.once('exit', this.#vanish);
  }

  /** Starts one and waits until it is ready. Throws with the end of its log. */
  static async start(
    command: string,
    args: readonly string[],
    { env, isReady, patienceMs }: PeerOptions,
  ): Promise<PeerProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'windtunnel-peer-'));
    const log = openSync(join(folder, 'log'), 'w');
    const child = spawn(command, args, {
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...process.env, ...env },
    });
    closeSync(log);
    child.once('error', () => undefined);
    const started = new PeerProcess(child, folder);
    const endMs = performance.now() + patienceMs;
    try {
      while (!(await isReady())) {
        started.assertAlive();
        if (performance.now() > endMs) started.#giveUp(`was not ready in ${patienceMs} ms`);
        await setTimeout(STEP_MS);
      }
    } catch (error) {
      await started.stop();
      throw error;
    }
    return started;
  }

  /** Throws with the end of its log where it is gone. */
  assertAlive(): void {
    const { exitCode, signalCode, pid } = this.#child;
    if (exitCode !== null || signalCode !== null || pid === undefined) this.#giveUp('has ended');
  }

  /** What it has said so far. */
  get log(): string {
    return readFileSync(join(this.#folder, 'log'), 'utf8');
  }

  /** Ends it, as a user would, and waits until it is gone. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    process.removeListener('exit', this.#vanish);
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      if (signal === 'SIGTERM') child.kill(signal);
      else this.#kill();
      await gone;
      // Whoever it has started and left behind.
      this.#kill();
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #giveUp(why: string): never {
    const said = this.log.trimEnd().split('\n').slice(-SHOWN).join('\n');
    throw new Error(`${this.#child.spawnargs.join(' ')} ${why}:\n${said}`);
  }

  /** This process ends, and the peer with it. */
  readonly #vanish = (): void => {
    this.#kill();
    rmSync(this.#folder, { recursive: true, force: true });
  };

  #kill(): void {
    try {
      if (this.#child.pid !== undefined) process.kill(-this.#child.pid, 'SIGKILL');
    } catch {
      // It is gone.
    }
  }
}

/** Whether a URL is answered with success. */
export async function answers(url: string): Promise<boolean> {
  const signal = AbortSignal.timeout(2_000);
  return fetch(url, { signal }).then(
    ({ ok }) => ok,
    () => false,
  );
}
