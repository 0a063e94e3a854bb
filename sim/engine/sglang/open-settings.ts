import type { EngineConfig } from '#core/config/schema.ts';
import type { EngineSettings } from '../rank/engine-settings.ts';
import type { SglangSettings } from './settings.ts';

/** SGLang's SGLANG_INIT_NEW_TOKEN_RATIO and SGLANG_MIN_NEW_TOKEN_RATIO_FACTOR. */
const FIRST_RATIO = 0.7;
const LEAST_PART = 0.14;

/** What remains of the conservativeness with data-parallel attention. */
const SHARED_CONSERVATIVENESS = 0.3;

/** What SGLang's scheduler is set to. Ranks share the chunk of a pass, in whole pages. */
export function openSglangSettings(common: EngineSettings, engine: EngineConfig): SglangSettings {
  const { dataParallelSize: ranks, blockSize } = common;
  const shared = ranks > 1 ? SHARED_CONSERVATIVENESS : 1;
  const firstTokenRatio = Math.min(1, FIRST_RATIO * engine.schedule_conservativeness * shared);
  const pages = Math.floor(engine.chunked_prefill_size / ranks / blockSize);
  return {
    ...common,
    evictionOrder: common.evictionOrder ?? 'last-touch',
    tokensAhead: 1,
    chunkTokens: Math.max(1, pages) * blockSize,
    maxPrefillTokens: engine.max_prefill_tokens,
    clipTokens: engine.clip_max_new_tokens,
    longestPrefixFirst: engine.schedule_policy === 'lpm',
    decodeInterval: engine.prefill_decode_interval,
    firstTokenRatio,
    leastTokenRatio: LEAST_PART * firstTokenRatio,
  };
}
