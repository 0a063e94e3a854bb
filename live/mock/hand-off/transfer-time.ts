import type { Ns } from '#core/base/time.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';

/**
 * How long the copy of a prompt takes, in engine time: its bytes at the bandwidth of the config's
 * `kv_transfer` section, and nothing where that does not say.
 */
export function transferNs(
  { kv_transfer }: ResolvedConfig,
  promptTokens: number,
  missingTokens: number,
): Ns {
  const { bytes_per_token, bandwidth_gb_s, timing_mode } = kv_transfer;
  if (bytes_per_token === undefined || bandwidth_gb_s === undefined) return 0;
  const tokens = timing_mode === 'full_prompt' ? promptTokens : missingTokens;
  // 10⁹ bytes a second are a byte a nanosecond.
  return Math.round((tokens * bytes_per_token) / bandwidth_gb_s);
}
