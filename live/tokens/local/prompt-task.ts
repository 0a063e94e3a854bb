import type { CacheSalt } from '#core/tokens/block-hash.ts';

/** What the threads of a tokenizer are started with. */
export interface TokenizerSetup {
  readonly folder: string;
  readonly blockSize: number;
  readonly cacheBytes: number;
}

/** A prompt on its way to a thread. */
export interface PromptTask {
  readonly id: number;
  readonly route: 'chat' | 'completions' | 'embeddings';
  /** The whole body of a chat; of others the texts alone. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly salt: CacheSalt;
}

/** What a thread says: that it is ready or never will be, or what became of a prompt. */
export type TokenizerReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'unusable'; readonly reason: string }
  | {
      readonly kind: 'read';
      readonly id: number;
      readonly inputTokens: number;
      readonly hashes: BigUint64Array<ArrayBuffer>;
    }
  /** Only the engine can tell the tokens of this one. */
  | { readonly kind: 'unknown'; readonly id: number };
