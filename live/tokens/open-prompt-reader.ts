import { resolve } from 'node:path';
import type { ServeConfig } from '#core/config/serve/serve-schema.ts';
import { type TokenizerSource, tokenizerSourceOf } from '#core/config/serve/tokenizer.ts';
import type { Clock, Timers } from '#live/clock.ts';
import { engineReader, type TokenizingEngine } from './engine-reader.ts';
import { TokenizerPool, type TokenizerStatus } from './local/tokenizer-pool.ts';
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
  readonly timers: Timers;
  /** What whoever runs the router should know: a line each. */
  readonly note: (text: string) => void;
}

/** Who reads the prompts of a front, until it is closed. */
export interface OpenPromptReader {
  readonly source: TokenizerSource;
  readonly reader: PromptReader;
  /** Who has known the prompts so far. */
  readonly counts: PromptCounts;
  /** How the threads of a tokenizer of its own fare; undefined without one. */
  tokenizer(): TokenizerStatus | undefined;
  close(): Promise<void>;
}

/**
 * Opens what the config's `tokenizer` names. Prompts that come as token ids are read first, and what
 * nobody else knows is known by its text. Rejects with what is wrong with a tokenizer's files.
 */
export async function openPromptReader(options: PromptReaderOptions): Promise<OpenPromptReader> {
  const { blockSize, engines, clock } = options;
  const source = tokenizerSourceOf(options.config.tokenizer, options.config);
  const pool = source === 'local' ? await openPool(options) : undefined;
  const counter = new PromptCounter();
  const readers = [
    counter.count('token_ids', tokenIdsReader(blockSize)),
    ...(pool === undefined ? [] : [counter.count('local', localReader(pool))]),
    ...(source === 'engine'
      ? [counter.count('engine', engineReader({ engines, blockSize, clock }))]
      : []),
    counter.count('text', textPrefixReader(blockSize)),
  ];
  return {
    source,
    reader: firstOf(readers),
    counts: counter.counts,
    tokenizer: () => pool?.status,
    close: async () => pool?.close(),
  };
}

async function openPool(options: PromptReaderOptions): Promise<TokenizerPool | undefined> {
  const { blockSize, clock, timers, note } = options;
  const { path, threads, cache_bytes: cacheBytes } = options.config.tokenizer;
  if (path === undefined) return undefined;
  const setup = { folder: resolve(options.folder, path), blockSize, cacheBytes };
  return TokenizerPool.open({ setup, threads, clock, timers, note });
}
