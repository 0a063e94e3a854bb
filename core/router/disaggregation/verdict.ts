/** The policy sends the prompt to the prefill pool. */
export const REMOTE = 0;
/** The policy would have it bypass, and the decode worker is too full for that. */
export const REMOTE_DECODE_FULL = 1;
/** The policy would have it bypass, and nobody knows how full the decode worker is. */
export const REMOTE_DECODE_UNKNOWN = 2;
/** No decode worker may take it now: it would wait, or find none that is eligible. */
export const REMOTE_DECODE_BUSY = 3;
/** So little of the prompt is not cached on the decode worker that it is prefilled there. */
export const BYPASS_SHORT = 4;
/** The prefill worker has more to do than its threshold. */
export const BYPASS_PREFILL_BUSY = 5;
/** The queue before the prefill pool is full. */
export const BYPASS_PREFILL_REJECTED = 6;
/** The self-tuning policy's threshold of the moment. */
export const BYPASS_TUNED = 7;
/** The function of a user's file. */
export const BYPASS_POLICY = 8;

/**
 * Every verdict by its code, as reports name it. Those from BYPASS_SHORT on are bypasses: the prompt
 * is prefilled on the decode worker.
 */
export const VERDICTS = [
  'remote',
  'decode_full',
  'decode_load_unknown',
  'decode_busy',
  'short_prompt',
  'prefill_busy',
  'prefill_rejected',
  'tuned_threshold',
  'policy',
] as const;

/** Whether the prompt is prefilled on the decode worker. */
export function isBypass(verdict: number): boolean {
  return verdict >= BYPASS_SHORT;
}

/** How reports name a verdict; a code that is none is told by its number. */
export function verdictName(code: number): string {
  return VERDICTS[code] ?? `verdict ${code}`;
}
