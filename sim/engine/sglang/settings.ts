import type { EngineSettings } from '../rank/engine-settings.ts';

/** Settings of a worker with SGLang's scheduler, checked by core/config. A page is `blockSize` tokens. */
export interface SglangSettings extends EngineSettings {
  /** Prompt tokens of a rank's pass; whole pages. */
  readonly chunkTokens: number;
  /** Prompt tokens from which no further request joins a pass. */
  readonly maxPrefillTokens: number;
  /** Most output tokens of a request for which room is kept. */
  readonly clipTokens: number;
  /** Who has the longest cached prefix comes in first, unless too many wait. */
  readonly longestPrefixFirst: boolean;
  /** Passes of decode after each of prefill. */
  readonly decodeInterval: number;
  /** Share of the output that is left for which room is kept: at first, and at least. */
  readonly firstTokenRatio: number;
  readonly leastTokenRatio: number;
}
