import type { DueTree } from './due-tree.ts';

/** Classes of one threshold: either all of their heads may leave or none. */
export interface RingGroup {
  readonly thresholdTokens: number;
  /** Class numbers, ascending; a place in the tree is a place in this list. */
  readonly members: readonly number[];
  /** When each can pay, less `base`. */
  readonly due: DueTree;
  base: number;
  /** Where the ring stood when the group was last among those that might be served. */
  cursor: number;
  round: number;
}

/** The highest threshold first, the classes of each in their order. */
export function groupByThreshold(
  thresholds: readonly number[],
): readonly { readonly threshold: number; readonly members: readonly number[] }[] {
  const classesOf = new Map<number, number[]>();
  for (const [policyClass, threshold] of thresholds.entries()) {
    const classes = classesOf.get(threshold);
    if (classes === undefined) classesOf.set(threshold, [policyClass]);
    else classes.push(policyClass);
  }
  return [...classesOf]
    .sort(([a], [b]) => b - a)
    .map(([threshold, members]) => ({ threshold, members }));
}

/** How many members come before a class in the ring. */
export function placeOf({ members }: RingGroup, policyClass: number): number {
  let low = 0;
  let high = members.length;
  // Where all classes are members, the class is its own place.
  if (policyClass < high && members[policyClass] === policyClass) return policyClass;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (members[middle]! < policyClass) low = middle + 1;
    else high = middle;
  }
  return low;
}
