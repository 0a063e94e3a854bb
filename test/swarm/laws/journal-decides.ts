import assert from 'node:assert/strict';
import { JournalVerifier } from '#core/journal/verifier.ts';
import type { Law } from './law.ts';

/** Core alone decides again as it did, where the run kept a journal. */
export const journalDecides: Law = {
  name: 'core alone decides again',
  hold({ again: { journal } }) {
    if (journal === undefined) return;
    const verifier = new JournalVerifier('swarm.journal.jsonl');
    verifier.push(journal);
    const { whole, difference } = verifier.finish();
    assert(whole, 'the journal is cut off');
    assert.deepEqual(difference, undefined, 'a decision differs');
  },
};
