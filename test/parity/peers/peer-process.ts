import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { GoldenAnswer, GoldenInput } from '../golden.ts';

/** How long the peer may think about one small case before it counts as one that never ends. */
const CASE_LIMIT_MS = 20_000;

/** Loading the peer on a cold machine takes longer than any case. */
const START_LIMIT_MS = 120_000;

const HANGS = 'no result: the peer does not finish';

/** The real peer in a process of its own, which is replaced when a case hangs or kills it. */
export class PeerProcess {
  readonly #python: string;
  readonly #folder: string;
  #child: ChildProcessWithoutNullStreams | undefined;
  #nextId = 0;
  #answered: ((line: string | undefined) => void) | undefined;

  /** @param folder where dynamo_replay.py lies */
  constructor(python: string, folder: string) {
    this.#python = python;
    this.#folder = folder;
  }

  /** What the peer prints for a case; an error where it gives up, dies or does not finish. */
  async run(input: GoldenInput): Promise<GoldenAnswer> {
    const child = this.#child ?? (await this.#start());
    const id = this.#nextId++;
    const line = this.#nextLine(CASE_LIMIT_MS);
    child.stdin.write(`${JSON.stringify({ id, input })}\n`);
    const text = await line;
    if (text === undefined) {
      this.close();
      return { error: HANGS };
    }
    return (JSON.parse(text) as { answer: GoldenAnswer }).answer;
  }

  close(): void {
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }

  async #start(): Promise<ChildProcessWithoutNullStreams> {
    const script = join(import.meta.dirname, 'replay_cases.py');
    const child = spawn(this.#python, [script, this.#folder], {
      env: { ...process.env, DYN_LOG: 'off' },
    });
    this.#child = child;
    child.stderr.resume();
    const ready = this.#nextLine(START_LIMIT_MS);
    createInterface(child.stdout).on('line', (line) => this.#answered?.(line));
    child.on('exit', () => {
      if (this.#child === child) this.#answered?.(undefined);
    });
    if ((await ready) === undefined) throw new Error('the peer does not start');
    return child;
  }

  /** The next line of the process, undefined when it ends or takes too long. */
  #nextLine(limitMs: number): Promise<string | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#answered?.(undefined), limitMs);
      this.#answered = (line) => {
        clearTimeout(timer);
        this.#answered = undefined;
        resolve(line);
      };
    });
  }
}
