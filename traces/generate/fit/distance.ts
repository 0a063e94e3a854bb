/**
 * Kolmogorov–Smirnov distance of two samples in ascending order: the largest difference between the
 * shares of both that lie at or below a value. NaN when one of them is empty.
 */
export function ksDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length === 0 || b.length === 0) return Number.NaN;
  let indexA = 0;
  let indexB = 0;
  let largest = 0;
  while (indexA < a.length && indexB < b.length) {
    const value = Math.min(a[indexA]!, b[indexB]!);
    while (indexA < a.length && a[indexA]! <= value) indexA++;
    while (indexB < b.length && b[indexB]! <= value) indexB++;
    largest = Math.max(largest, Math.abs(indexA / a.length - indexB / b.length));
  }
  return largest;
}

/** Half the sum of the differences of two shapes that each sum to 1: the share that lies elsewhere. */
export function shapeDistance(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, share, index) => sum + Math.abs(share - (b[index] ?? 0)), 0) / 2;
}
