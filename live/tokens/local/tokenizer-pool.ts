import { NS_PER_S } from '#core/base/time.ts';
import type { Clock, Timers } from '#live/clock.ts';
import type { PromptBlocks } from '#live/routing/route-ask.ts';
import type { PromptTask, TokenizerSetup } from './prompt-task.ts';
import { readTokenizerFiles } from './tokenizer-files.ts';
import { TokenizerThread, type WaitingPrompt } from './tokenizer-thread-handle.ts';

/** A prompt that takes longer, waiting for its turn included, is routed by its text. */
const PROMPT_LIMIT_NS = 2 * NS_PER_S;
/** A thread that answers nothing for so long, while it has prompts, never will. */
const HUNG_NS = 30 * NS_PER_S;
/** Before a thread is replaced that has died at once after the one before it; doubled each time. */
const FIRST_PAUSE_NS = NS_PER_S / 4;
const LONGEST_PAUSE_NS = 30 * NS_PER_S;
/** A thread has the next prompt at hand while it reads one; what is left waits where it can be taken back. */
const GIVEN_AT_ONCE = 2;

export interface TokenizerPoolOptions {
  readonly setup: TokenizerSetup;
  readonly threads: number;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Is told, in a line, of threads that die. */
  readonly note: (text: string) => void;
  /** What the threads run, where it is not the tokenizer. */
  readonly file?: URL;
}

/** How the threads fare. */
export interface TokenizerStatus {
  readonly threads: number;
  /** Threads that died and were replaced, since the start. */
  readonly replaced: number;
  /** Prompts that took too long, since the start. */
  readonly late: number;
}

/**
 * Tokenizers on threads of their own. A thread that dies or hangs is replaced, and takes no prompt with
 * it: those that it had are left to the next reader.
 */
export class TokenizerPool {
  readonly #options: TokenizerPoolOptions;
  readonly #threads = new Set<TokenizerThread>();
  /** Prompts that no thread has been given, the first one first. */
  readonly #queue = new Map<number, WaitingPrompt>();
  readonly #pauses = new Set<() => void>();
  #next = 0;
  #replaced = 0;
  #late = 0;
  #deathsInARow = 0;
  #isClosed = false;

  private constructor(options: TokenizerPoolOptions) {
    this.#options = options;
  }

  /** Starts the threads. Rejects with what is wrong with the files. */
  static async open(options: TokenizerPoolOptions): Promise<TokenizerPool> {
    // Errors lose their class on the way from a thread, so what the user can mend is found here.
    readTokenizerFiles(options.setup.folder);
    const pool = new TokenizerPool(options);
    const starts = Array.from({ length: options.threads }, () => pool.#start());
    try {
      await Promise.all(starts);
    } catch (error) {
      await Promise.allSettled(starts);
      await pool.close();
      throw error;
    }
    return pool;
  }

  get status(): TokenizerStatus {
    return { threads: this.#threads.size, replaced: this.#replaced, late: this.#late };
  }

  /**
   * The blocks of a prompt; undefined where only the engine can tell, or where it takes too long.
   * Rejects with the signal's reason when that aborts.
   */
  read(task: Omit<PromptTask, 'id'>, signal?: AbortSignal): Promise<PromptBlocks | undefined> {
    if (this.#isClosed) return Promise.resolve(undefined);
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      const over = (): void => {
        stopWaiting();
        this.#queue.delete(id);
        signal?.removeEventListener('abort', left);
      };
      const left = (): void => {
        over();
        reject(signal?.reason as Error);
      };
      const settle = (blocks: PromptBlocks | undefined): void => {
        over();
        resolve(blocks);
      };
      const stopWaiting = this.#options.timers.after(PROMPT_LIMIT_NS, () => {
        this.#late++;
        settle(undefined);
        this.#replaceHung();
      });
      signal?.addEventListener('abort', left);
      if (signal?.aborted) return left();
      this.#replaceHung();
      this.#queue.set(id, { task: { ...task, id }, settle });
      this.#handOut();
    });
  }

  /** Ends the threads; prompts that they have are given up. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const cancel of this.#pauses) cancel();
    for (const { settle } of this.#queue.values()) settle(undefined);
    await Promise.all([...this.#threads].map((thread) => thread.close()));
    this.#threads.clear();
  }

  async #start(): Promise<void> {
    const { setup, file = threadFile() } = this.#options;
    const thread = await TokenizerThread.start(file, setup, {
      answered: (answering) => {
        answering.busySinceNs = this.#options.clock.nowNs();
        this.#deathsInARow = 0;
        this.#handOut();
      },
      died: (dead, reason) => this.#replace(dead, reason),
    });
    if (this.#isClosed) return thread.close();
    this.#threads.add(thread);
    this.#handOut();
  }

  /** The first prompts of the queue go to the threads that have least. */
  #handOut(): void {
    for (const [id, prompt] of this.#queue) {
      const [idlest] = [...this.#threads].sort((a, b) => a.load - b.load);
      if (idlest === undefined || idlest.load >= GIVEN_AT_ONCE) return;
      this.#queue.delete(id);
      idlest.give(prompt, this.#options.clock.nowNs());
    }
  }

  #replace(dead: TokenizerThread, reason: string): void {
    this.#threads.delete(dead);
    void dead.close();
    this.#replaced++;
    this.#startAgain(reason);
  }

  #startAgain(reason: string): void {
    const { note, timers } = this.#options;
    if (this.#isClosed) return;
    note(`a tokenizer thread has ended, and another is started: ${reason}`);
    const pauseNs = Math.min(FIRST_PAUSE_NS * 2 ** this.#deathsInARow, LONGEST_PAUSE_NS);
    this.#deathsInARow++;
    const cancel = timers.after(pauseNs, () => {
      this.#pauses.delete(cancel);
      this.#start().catch((error: Error) => this.#startAgain(error.message));
    });
    this.#pauses.add(cancel);
  }

  #replaceHung(): void {
    const nowNs = this.#options.clock.nowNs();
    for (const thread of this.#threads) {
      const isHung = thread.load > 0 && nowNs - thread.busySinceNs >= HUNG_NS;
      if (isHung) this.#replace(thread, `it has not answered for ${HUNG_NS / NS_PER_S} s`);
    }
  }
}

/** The thread's file lies beside this one, or beside the bundle that this one is part of. */
function threadFile(): URL {
  const isSource = import.meta.filename.endsWith('.ts');
  return new URL(isSource ? 'tokenizer-thread.ts' : 'tokenizer-thread.js', import.meta.url);
}
