import { InputError } from '#core/base/errors.ts';
import type { Ns } from '#core/base/time.ts';
import { HelperThread } from '#live/helper-thread.ts';
import type { PromptBlocks } from '#live/routing/route-ask.ts';
import type { PromptTask, TokenizerReply, TokenizerSetup } from './prompt-task.ts';

/** A prompt, and who waits for its blocks. */
export interface WaitingPrompt {
  readonly task: PromptTask;
  settle(blocks: PromptBlocks | undefined): void;
}

export interface ThreadListener {
  /** It has read a prompt, and has time for another. */
  answered(thread: TokenizerThread): void;
  /** It has died after it was ready, which is told once. */
  died(thread: TokenizerThread, reason: string): void;
}

/** One thread with a tokenizer, as the pool sees it. */
export class TokenizerThread {
  /** Since when it has had something to do, or when it last answered. */
  busySinceNs: Ns = 0;
  readonly #given = new Map<number, WaitingPrompt>();
  readonly #helper: HelperThread;
  #started: { resolve(): void; reject(error: Error): void } | undefined;

  /** Resolves when the thread has its tokenizer; rejects with why it never will. */
  static start(
    file: URL,
    setup: TokenizerSetup,
    listener: ThreadListener,
  ): Promise<TokenizerThread> {
    return new Promise((resolve, reject) => {
      const thread: TokenizerThread = new TokenizerThread(file, setup, listener, {
        resolve: () => resolve(thread),
        reject,
      });
    });
  }

  private constructor(
    file: URL,
    setup: TokenizerSetup,
    listener: ThreadListener,
    started: { resolve(): void; reject(error: Error): void },
  ) {
    this.#started = started;
    this.#helper = new HelperThread({
      file,
      data: setup,
      message: (message) => this.#heard(message as TokenizerReply, setup, listener),
      died: (reason) => {
        if (this.#started === undefined) listener.died(this, reason);
        else this.#started.reject(new Error(`no tokenizer thread can be started: ${reason}`));
      },
    });
  }

  /** Prompts that it has been given and has not answered. */
  get load(): number {
    return this.#given.size;
  }

  give(prompt: WaitingPrompt, nowNs: Ns): void {
    if (this.load === 0) this.busySinceNs = nowNs;
    this.#given.set(prompt.task.id, prompt);
    this.#helper.post(prompt.task);
  }

  /** Ends the thread, and leaves what it has to whoever else may know. */
  async close(): Promise<void> {
    for (const { settle } of this.#given.values()) settle(undefined);
    this.#given.clear();
    await this.#helper.close();
  }

  #heard(reply: TokenizerReply, { folder }: TokenizerSetup, listener: ThreadListener): void {
    if (reply.kind === 'ready') {
      this.#started?.resolve();
      this.#started = undefined;
    } else if (reply.kind === 'unusable') {
      const why = `no tokenizer can be made of its files: ${reply.reason}`;
      const where = { path: 'tokenizer.path', received: folder };
      this.#started?.reject(new InputError('config_invalid', why, where));
      void this.#helper.close();
    } else {
      this.#given.get(reply.id)?.settle(reply.kind === 'read' ? reply : undefined);
      this.#given.delete(reply.id);
      listener.answered(this);
    }
  }
}
