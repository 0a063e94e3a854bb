import { isInformed, type RouterOptions } from '../options.ts';
import type { RouteQuery } from '../query.ts';
import type { OutsideBooking } from '../replicas/outside-booking.ts';
import type { RouteOverrides } from '../route-terms.ts';
import type { SequenceLoad, SequenceOptions } from './active-sequences.ts';
import type { PrefillLoadModel } from './prefill-load/prefill-load-model.ts';

/** A prompt's blocks; see `RouteQuery`. */
type PromptShape = Pick<RouteQuery, 'leaf' | 'leafBlocks' | 'totalBlocks' | 'tailBlocks'>;

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
  const trackPrefillTokens = overrides?.trackPrefillTokens ?? options.trackPrefillTokens;
  const assumeKvReuse = overrides?.assumeKvReuse ?? options.assumeKvReuse ?? true;
  fillBlocks(options.trackActiveBlocks, assumeKvReuse, query, load);
  load.prefillTokens = trackPrefillTokens ? Math.max(0, query.inputTokens - cachedTokens) : 0;
  load.expectedPrefillNs = prefillLoad(load.prefillTokens, cachedTokens);
  load.inputTokens = query.inputTokens;
  load.expectedOutputTokens = query.expectedOutputTokens;
}

/** Writes what a request that another router has sent to a target is as load. */
export function fillOutsideLoad(
  { trackActiveBlocks, trackPrefillTokens, assumeKvReuse }: RouterOptions,
  prefillLoad: PrefillLoadModel,
  booking: Readonly<OutsideBooking>,
  load: ChangingLoad,
): void {
  fillBlocks(trackActiveBlocks, assumeKvReuse ?? true, booking, load);
  load.prefillTokens = trackPrefillTokens ? booking.prefillTokens : 0;
  load.expectedPrefillNs = prefillLoad(load.prefillTokens, 0);
  // How far it has generated only the router hears that has sent it.
  load.inputTokens = 0;
  load.expectedOutputTokens = 0;
}

function fillBlocks(
  tracks: boolean,
  reuses: boolean,
  prompt: Readonly<PromptShape>,
  load: ChangingLoad,
): void {
  const shares = tracks && reuses;
  const alone = shares ? prompt.tailBlocks : prompt.totalBlocks + prompt.tailBlocks;
  load.leaf = shares ? prompt.leaf : -1;
  load.leafBlocks = prompt.leafBlocks;
  load.privateBlocks = tracks ? alone : 0;
}
