import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import '#test/property-seed.ts';
import { newBypassQuery, UNKNOWN } from '../bypass-query.ts';
import {
  BYPASS_TUNED,
  isBypass,
  REMOTE,
  REMOTE_DECODE_FULL,
  REMOTE_DECODE_UNKNOWN,
} from '../verdict.ts';
import { DecodeGuard } from './decode-guard.ts';

const always = { judge: () => BYPASS_TUNED };

function judge(potentialDecodeBlocks: number, totalDecodeBlocks: number): number {
  const query = { ...newBypassQuery(), potentialDecodeBlocks, totalDecodeBlocks };
  return new DecodeGuard(always, 0.8).judge(query, 0);
}

test('a bypass may fill the worker up to the threshold, and no further', () => {
  expect(judge(80, 100)).toBe(BYPASS_TUNED);
  expect(judge(81, 100)).toBe(REMOTE_DECODE_FULL);
});

test('what nobody knows counts as full', () => {
  expect(judge(UNKNOWN, 100)).toBe(REMOTE_DECODE_UNKNOWN);
  expect(judge(10, UNKNOWN)).toBe(REMOTE_DECODE_UNKNOWN);
});

test('what goes to the prefill pool anyway is not judged', () => {
  const guard = new DecodeGuard({ judge: () => REMOTE }, 0.8);
  expect(guard.judge(newBypassQuery(), 0)).toBe(REMOTE);
});

test('bypasses never fill a worker beyond the threshold, whatever comes and goes', () => {
  const change = fc.record({ comes: fc.boolean(), blocks: fc.integer({ min: 0, max: 60 }) });
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(share, fc.array(change, { maxLength: 80 }), (threshold, changes) => {
      const guard = new DecodeGuard(always, threshold);
      const query = { ...newBypassQuery(), totalDecodeBlocks: 100 };
      let used = 0;
      for (const { comes, blocks } of changes) {
        query.potentialDecodeBlocks = used + blocks;
        if (!comes) used = Math.max(0, used - blocks);
        else if (isBypass(guard.judge(query, 0))) used += blocks;
        expect(used).toBeLessThanOrEqual(threshold * 100);
      }
    }),
  );
});
