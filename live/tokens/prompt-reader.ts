import type { CacheSalt } from '#core/tokens/block-hash.ts';
import type { JsonObject } from '#live/bytes/json-object.ts';
import type { PromptBlocks } from '#live/routing/route-ask.ts';

/** What a prompt is read from. */
export interface PromptSource {
  readonly route: 'chat' | 'completions' | 'embeddings';
  /** The body as the client sent it; `prompt`, `messages` or `input` are in there. */
  readonly body: JsonObject;
  readonly model: string;
  /** The tokens of the prompt, where a hint says them (`nvext.token_data`). */
  readonly tokenIds?: readonly number[];
  /** What keeps equal tokens apart. */
  readonly salt: CacheSalt;
}

/**
 * Who knows which blocks a prompt has. Undefined where it does not, so that the next one is asked.
 * Throws a `BadPrompt` where nobody could. Once the signal aborts nobody waits for it any more: a
 * reader that takes its time rejects then, with the signal's reason.
 */
export interface PromptReader {
  read(
    source: PromptSource,
    signal?: AbortSignal,
  ): PromptBlocks | undefined | Promise<PromptBlocks | undefined>;
}

/** A prompt that is none: the client is told what is wrong with which field. */
export class BadPrompt extends Error {
  override readonly name = 'BadPrompt';
  readonly param: string;

  constructor(param: string, message: string) {
    super(message);
    this.param = param;
  }
}

/** Asks each reader until one knows. */
export function firstOf(readers: readonly PromptReader[]): PromptReader {
  return {
    read(source, signal) {
      for (let at = 0; at < readers.length; at++) {
        const blocks = readers[at]!.read(source, signal);
        if (blocks instanceof Promise) {
          return blocks.then(
            (known) => known ?? firstOf(readers.slice(at + 1)).read(source, signal),
          );
        }
        if (blocks !== undefined) return blocks;
      }
      return undefined;
    },
  };
}
