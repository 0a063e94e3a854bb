/** How many of the sorted moments are not after `ns`. */
export function countUntil(sorted: Float64Array, ns: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! > ns) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** How many of the sorted moments are before `ns`. */
export function countBefore(sorted: Float64Array, ns: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! >= ns) high = middle;
    else low = middle + 1;
  }
  return low;
}
