import { blocksConserved } from './blocks-conserved.ts';
import { itemsConserved } from './items-conserved.ts';
import { journalDecides } from './journal-decides.ts';
import type { Law } from './law.ts';
import { leapEqualsExact } from './leap-equals-exact.ts';
import { linksKept } from './links-kept.ts';
import { loadKept } from './load-kept.ts';
import { requestsConserved } from './requests-conserved.ts';
import { sameBytes } from './same-bytes.ts';
import { samplesCount } from './samples-count.ts';
import { timeForward } from './time-forward.ts';
import { tokensConserved } from './tokens-conserved.ts';

/** Every law, the plainest first: the first that is broken is the one that is told. */
export const LAWS: readonly Law[] = [
  requestsConserved,
  blocksConserved,
  tokensConserved,
  timeForward,
  samplesCount,
  loadKept,
  linksKept,
  itemsConserved,
  leapEqualsExact,
  sameBytes,
  journalDecides,
];
