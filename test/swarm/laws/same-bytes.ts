import assert from 'node:assert/strict';
import { canonicalJson } from '#core/base/canonical-json.ts';
import type { Law } from './law.ts';

/** Same seed, config and trace: the same report and the same rows, byte for byte. */
export const sameBytes: Law = {
  name: 'the same seed gives the same bytes',
  hold({ leap, again }) {
    assert.equal(again.requestRows.join(''), leap.requestRows.join(''), 'rows of the requests');
    assert.equal(canonicalJson(again.report), canonicalJson(leap.report), 'the report');
  },
};
