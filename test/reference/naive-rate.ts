/** A rate as its definition says it, for a sum of thin slices to be held against. */
export type NaiveRate =
  | {
      readonly type: 'ramp';
      readonly from: number;
      readonly to: number;
      readonly durationS: number;
    }
  | {
      readonly type: 'sine';
      readonly mean: number;
      readonly amplitude: number;
      readonly periodS: number;
    }
  | { readonly type: 'steps'; readonly steps: readonly (readonly [number, number])[] };

/** Requests per second at a moment. */
export function rateAt(shape: NaiveRate, atS: number): number {
  if (shape.type === 'ramp') {
    const part = Math.min(1, atS / shape.durationS);
    return shape.from + (shape.to - shape.from) * part;
  }
  if (shape.type === 'sine') {
    return shape.mean + shape.amplitude * Math.sin((2 * Math.PI * atS) / shape.periodS);
  }
  return shape.steps.findLast(([startS]) => startS <= atS)![1];
}

/** Arrivals expected until a moment: slices of equal length, each at the rate of its middle. */
export function expectedUntil(shape: NaiveRate, untilS: number, slices: number): number {
  const lengthS = untilS / slices;
  let sum = 0;
  for (let slice = 0; slice < slices; slice++) sum += rateAt(shape, (slice + 0.5) * lengthS);
  return sum * lengthS;
}
