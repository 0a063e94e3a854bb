import { isInformed, type RouterOptions } from '../options.ts';
import type { RouteQuery } from '../query.ts';
import type { RouteOverrides } from '../route-terms.ts';
import type { SequenceLoad, SequenceOptions } from './active-sequences.ts';
import type { PrefillLoadModel } from './prefill-load/prefill-load-model.ts';

/** A load that is filled again for each request. */
export type ChangingLoad = { -readonly [Key in keyof SequenceLoad]-?: SequenceLoad[Key] };

/** A load of nothing. */
export function newSequenceLoad(): ChangingLoad {
  return {
    leaf: -1,
    leafBlocks: 0,
    privateBlocks: 0,
    prefillTokens: 0,
    expectedPrefillNs: undefined,
    inputTokens: 0,
    expectedOutputTokens: 0,
  };
}

/** Whether the router must be told how far requests have generated. */
export function tracksOutput({
  mode,
  trackActiveBlocks,
  trackOutputBlocks,
}: RouterOptions): boolean {
  return isInformed(mode) && trackActiveBlocks && trackOutputBlocks === true;
}

/** What the options want tracked of requests under way. */
export function sequenceOptions(options: RouterOptions): SequenceOptions {
  if (!isInformed(options.mode)) return {};
  return {
    outputBlockSize: tracksOutput(options) ? options.blockSize : undefined,
    prefillDecays: options.trackPrefillTokens && options.prefillLoad?.model === 'timing',
    requestExpiryNs: options.requestExpiryNs,
  };
}

/**
 * Writes what a request, which may have changed settings for itself, will be as load on a target that
 * has `cachedTokens` of its prompt.
 */
export function fillLoad(
  options: RouterOptions,
  overrides: RouteOverrides | undefined,
  prefillLoad: PrefillLoadModel,
  query: RouteQuery,
  cachedTokens: number,
  load: ChangingLoad,
): void {
  const { trackActiveBlocks } = options;
  const trackPrefillTokens = overrides?.trackPrefillTokens ?? options.trackPrefillTokens;
  const assumeKvReuse = overrides?.assumeKvReuse ?? options.assumeKvReuse ?? true;
  const shares = trackActiveBlocks && assumeKvReuse;
  const alone = shares ? query.tailBlocks : query.totalBlocks + query.tailBlocks;
  load.leaf = shares ? query.leaf : -1;
  load.leafBlocks = query.leafBlocks;
  load.privateBlocks = trackActiveBlocks ? alone : 0;
  load.prefillTokens = trackPrefillTokens ? Math.max(0, query.inputTokens - cachedTokens) : 0;
  load.expectedPrefillNs = prefillLoad(load.prefillTokens, cachedTokens);
  load.inputTokens = query.inputTokens;
  load.expectedOutputTokens = query.expectedOutputTokens;
}
