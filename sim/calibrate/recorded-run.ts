import type { ServerSettings } from '../estimate/load-point.ts';

/** One request as a client saw it; milliseconds from the start of its run. */
export interface RequestRecord {
  readonly sentMs: number;
  /** Tokens of the prompt and of the answer. */
  readonly isl: number;
  readonly osl: number;
  readonly ttftMs: number;
  readonly e2eMs: number;
  /** Gaps between its tokens, where each of them was timed. */
  readonly gapsMs?: readonly number[];
  /** What its prompt begins with that others begin with, too. */
  readonly head?: { readonly id: number; readonly tokens: number };
  /** The same by content: names of its blocks of `RecordedRun.blockTokens`. */
  readonly blocks?: readonly number[];
  /** Prompt tokens that the engine found in its cache. */
  readonly cachedTokens?: number;
}

/** Requests of one run in the order in which they were sent, and what is known of the server. */
export interface RecordedRun {
  readonly name: string;
  readonly file: string;
  readonly records: readonly RequestRecord[];
  readonly server: Partial<ServerSettings>;
  /**
   * Each request was sent because others had ended, so that its moment says nothing of a server of
   * another speed: stretches between moments without a request are flown apart.
   */
  readonly closedLoop: boolean;
  /** Tokens that a name of `RequestRecord.blocks` stands for. */
  readonly blockTokens?: number;
}
