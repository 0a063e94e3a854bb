import { expect } from 'vitest';
import { NEVER } from '#sim/workload/request-table.ts';

/** Moments that came, in the order in which they must have come. */
export function expectInOrder(moments: readonly number[]): void {
  const came = moments.filter((ns) => ns !== NEVER);
  expect(came).toEqual(came.toSorted((a, b) => a - b));
}
