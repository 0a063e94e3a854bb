import type { Ns } from '#core/base/time.ts';
import { unmodelledPrefill } from './none/none.ts';
import type { PrefillTimes } from './timing/timing.ts';
import { timedPrefill } from './timing/timing.ts';

/**
 * How long a request's prefill is expected to last: `newTokens` to compute after `prefixTokens` that
 * are cached. `undefined` says nothing about it, and the tokens count in full until it is done.
 */
export type PrefillLoadModel = (newTokens: number, prefixTokens: number) => Ns | undefined;

/** What decides the model. Plain data, so that it can be written down with the other options. */
export type PrefillLoadOptions =
  | { readonly model: 'none' }
  | { readonly model: 'timing'; readonly times: PrefillTimes };

/** The model of the options. */
export function openPrefillLoad(options: PrefillLoadOptions): PrefillLoadModel {
  return options.model === 'timing' ? timedPrefill(options.times) : unmodelledPrefill;
}
