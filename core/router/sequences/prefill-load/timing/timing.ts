import { assert } from '#core/base/assert.ts';
import { msToNs, type Ns } from '#core/base/time.ts';

/** c0 + c1·n + c2·n² milliseconds for n new tokens, n ≤ upTo; the last piece goes on for ever. */
export interface PrefillPiece {
  readonly upTo: number;
  readonly c0: number;
  readonly c1: number;
  readonly c2: number;
}

/** Prefill time of one request alone in a pass. */
export interface PrefillTimes {
  /** By increasing `upTo`. */
  readonly pieces: readonly PrefillPiece[];
  readonly perPrefixTokenMs: number;
}

/** Expects what a timing model of the engine says of the prompt alone. */
export function timedPrefill(times: PrefillTimes): (newTokens: number, prefixTokens: number) => Ns {
  const { pieces, perPrefixTokenMs } = times;
  assert(pieces.length > 0, 'prefill times need a piece');
  return (newTokens, prefixTokens) => {
    let place = 0;
    while (place < pieces.length - 1 && newTokens > pieces[place]!.upTo) place++;
    const { c0, c1, c2 } = pieces[place]!;
    return msToNs(c0 + (c1 + c2 * newTokens) * newTokens + perPrefixTokenMs * prefixTokens);
  };
}
