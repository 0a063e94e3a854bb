/**
 * Holm's step-down adjustment (Scandinavian Journal of Statistics 6, 1979): the k-th smallest of m
 * p-values is multiplied by m − k + 1, and none may fall below an earlier one. Rejecting what stays at
 * or below α is wrong about any true null hypothesis with a probability of at most α, whatever depends
 * on what.
 */
export function holmAdjust(pValues: readonly number[]): number[] {
  const order = pValues.map((_, index) => index);
  order.sort((a, b) => pValues[a]! - pValues[b]! || a - b);
  const adjusted = pValues.map(() => 1);
  let least = 0;
  for (const [rank, index] of order.entries()) {
    least = Math.max(least, Math.min(1, (pValues.length - rank) * pValues[index]!));
    adjusted[index] = least;
  }
  return adjusted;
}
