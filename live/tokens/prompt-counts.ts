import type { PromptReader } from './prompt-reader.ts';

/** Who has known the blocks of a prompt. */
export type PromptOrigin = 'token_ids' | 'local' | 'engine' | 'text';

/** How many prompts each has known, since the start. */
export type PromptCounts = Readonly<Record<PromptOrigin, number>>;

/**
 * Counts who knows the prompts. Those that are known by their text where an engine or a tokenizer should
 * have known them find no block that an engine has told of.
 */
export class PromptCounter {
  readonly #counts: Record<PromptOrigin, number> = { token_ids: 0, local: 0, engine: 0, text: 0 };

  get counts(): PromptCounts {
    return this.#counts;
  }

  /** The same reader, counted. */
  count(origin: PromptOrigin, reader: PromptReader): PromptReader {
    const known = <Blocks>(blocks: Blocks): Blocks => {
      if (blocks !== undefined) this.#counts[origin]++;
      return blocks;
    };
    return {
      read(source, signal) {
        const blocks = reader.read(source, signal);
        return blocks instanceof Promise ? blocks.then(known) : known(blocks);
      },
    };
  }
}
