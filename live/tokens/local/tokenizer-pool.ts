import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { InputError } from '#core/base/errors.ts';
import type { PromptBlocks } from '#live/routing/route-ask.ts';
import type { PromptTask, TokenizerReply, TokenizerSetup } from './prompt-task.ts';
import { readTokenizerFiles } from './tokenizer-files.ts';

interface Thread {
  readonly worker: Worker;
  /** Prompts that it has been given and has not answered, by their number. */
  readonly waiting: Map<number, (blocks: PromptBlocks | undefined) => void>;
}

/** Tokenizers on threads of their own; a prompt goes to the one that has fewest. */
export class TokenizerPool {
  readonly #threads: Thread[];
  #next = 0;

  private constructor(threads: Thread[]) {
    this.#threads = threads;
    for (const thread of threads) {
      thread.worker.on('message', (reply: TokenizerReply) => answered(thread, reply));
      // A thread that dies takes no prompt with it: the next reader is asked for them.
      thread.worker.on('exit', () => {
        this.#threads.splice(this.#threads.indexOf(thread), 1);
        for (const settle of thread.waiting.values()) settle(undefined);
        thread.waiting.clear();
      });
      thread.worker.on('error', () => undefined);
    }
  }

  /** Starts the threads. Rejects with what is wrong with the files. */
  static async open(setup: TokenizerSetup, threads: number): Promise<TokenizerPool> {
    // Errors lose their class on the way from a thread, so what the user can mend is found here.
    readTokenizerFiles(setup.folder);
    const opened = Array.from({ length: threads }, () => startThread(setup));
    try {
      return new TokenizerPool(await Promise.all(opened));
    } catch (error) {
      for (const started of await Promise.allSettled(opened)) {
        if (started.status === 'fulfilled') await started.value.worker.terminate();
      }
      throw error;
    }
  }

  /** The blocks of a prompt; undefined where only the engine can tell. */
  read(task: Omit<PromptTask, 'id'>): Promise<PromptBlocks | undefined> {
    const [first, ...others] = this.#threads;
    if (first === undefined) return Promise.resolve(undefined);
    const thread = others.reduce(
      (least, other) => (other.waiting.size < least.waiting.size ? other : least),
      first,
    );
    const id = this.#next++;
    return new Promise((settle) => {
      thread.waiting.set(id, settle);
      thread.worker.postMessage({ ...task, id } satisfies PromptTask);
    });
  }

  /** Ends the threads; prompts that they have are given up. */
  async close(): Promise<void> {
    await Promise.all([...this.#threads].map(({ worker }) => worker.terminate()));
  }
}

async function startThread(workerData: TokenizerSetup): Promise<Thread> {
  const worker = new Worker(threadFile(), { workerData });
  const [reply] = (await once(worker, 'message')) as [TokenizerReply];
  if (reply.kind === 'unusable') {
    await worker.terminate();
    throw new InputError(
      'config_invalid',
      `no tokenizer can be made of its files: ${reply.reason}`,
      {
        path: 'tokenizer.path',
        received: workerData.folder,
      },
    );
  }
  return { worker, waiting: new Map() };
}

function answered({ waiting }: Thread, reply: TokenizerReply): void {
  if (reply.kind !== 'read' && reply.kind !== 'unknown') return;
  const settle = waiting.get(reply.id);
  waiting.delete(reply.id);
  settle?.(reply.kind === 'read' ? reply : undefined);
}

/** The thread's file lies beside this one, or beside the bundle that this one is part of. */
function threadFile(): URL {
  const isSource = import.meta.filename.endsWith('.ts');
  return new URL(isSource ? 'tokenizer-thread.ts' : 'tokenizer-thread.js', import.meta.url);
}
