import { resolve } from 'node:path';
import type { ServeConfig } from '#core/config/serve/serve-schema.ts';
import { type TokenizerSource, tokenizerSourceOf } from '#core/config/serve/tokenizer.ts';
import type { Clock } from '#live/clock.ts';
import { engineReader, type TokenizingEngine } from './engine-reader.ts';
import { TokenizerPool } from './local/tokenizer-pool.ts';
import { localReader } from './local-reader.ts';
import { PromptCounter, type PromptCounts } from './prompt-counts.ts';
import { firstOf, type PromptReader } from './prompt-reader.ts';
import { textPrefixReader } from './text-prefix-reader.ts';
import { tokenIdsReader } from './token-ids-reader.ts';

export interface PromptReaderOptions {
  readonly config: Pick<ServeConfig, 'tokenizer' | 'engines' | 'discovery' | 'event_plane'>;
  /** Folder that paths of the config are relative to. */
  readonly folder: string;
  readonly blockSize: number;
  /** Engines that can be sent to now. */
  readonly engines: () => readonly TokenizingEngine[];
  readonly clock: Clock;
}

/** Who reads the prompts of a front, until it is closed. */
export interface OpenPromptReader {
  readonly source: TokenizerSource;
  readonly reader: PromptReader;
  /** Who has known the prompts so far. */
  readonly counts: PromptCounts;
  close(): Promise<void>;
}

/**
 * Opens what the config's `tokenizer` names. Prompts that come as token ids are read first, and what
 * nobody else knows is known by its text. Rejects with what is wrong with a tokenizer's files.
 */
export async function openPromptReader(options: PromptReaderOptions): Promise<OpenPromptReader> {
  const { blockSize, engines, clock } = options;
  const { tokenizer } = options.config;
  const source = tokenizerSourceOf(tokenizer, options.config);
  const pool =
    source === 'local' && tokenizer.path !== undefined
      ? await TokenizerPool.open(
          {
            folder: resolve(options.folder, tokenizer.path),
            blockSize,
            cacheBytes: tokenizer.cache_bytes,
          },
          tokenizer.threads,
        )
      : undefined;
  const counter = new PromptCounter();
  const readers = [
    counter.count('token_ids', tokenIdsReader(blockSize)),
    ...(pool === undefined ? [] : [counter.count('local', localReader(pool))]),
    ...(source === 'engine'
      ? [counter.count('engine', engineReader({ engines, blockSize, clock }))]
      : []),
    counter.count('text', textPrefixReader(blockSize)),
  ];
  const { counts } = counter;
  return { source, reader: firstOf(readers), counts, close: async () => pool?.close() };
}
