import { assert } from '#core/base/assert.ts';
import type { DecodeCurve, PassShape, TimingModel } from './timing-model.ts';

/** Measured points (x, ms), x strictly increasing, ms never falling. */
export type TimingTable = readonly (readonly [number, number])[];

/** Linear between points, the last slope beyond the last, the first value before the first. */
function interpolate(table: TimingTable, x: number): number {
  const [firstX, firstMs] = table[0]!;
  if (x <= firstX) return firstMs;
  let point = 1;
  while (point < table.length - 1 && table[point]![0] < x) point++;
  const [fromX, fromMs] = table[point - 1]!;
  const [toX, toMs] = table[point]!;
  return fromMs + ((x - fromX) * (toMs - fromMs)) / (toX - fromX);
}

/**
 * A user's own measurements: prefill time against the new tokens of a pass, decode time against the
 * batch's total context.
 */
export class TableTiming implements TimingModel {
  readonly #prefill: TimingTable;
  readonly #decode: TimingTable;

  constructor(prefill: TimingTable, decode: TimingTable) {
    assert(prefill.length >= 2 && decode.length >= 2, 'a timing table needs two points');
    this.#prefill = prefill;
    this.#decode = decode;
  }

  prefillMs(shape: PassShape): number {
    return shape.prefillRequests === 0 ? 0 : interpolate(this.#prefill, shape.prefillTokens);
  }

  decodeMs(requests: number, contextTokens: number): number {
    return requests === 0 ? 0 : interpolate(this.#decode, contextTokens);
  }

  decodeCurve(_requests: number, out: DecodeCurve): void {
    out.clear();
    out.add(this.#decode[0]![0], this.#decode[0]![1], 0, 0);
    for (let point = 1; point < this.#decode.length; point++) {
      const [fromX, fromMs] = this.#decode[point - 1]!;
      const [toX, toMs] = this.#decode[point]!;
      const slope = (toMs - fromMs) / (toX - fromX);
      const end = point === this.#decode.length - 1 ? Number.POSITIVE_INFINITY : toX;
      out.add(end, fromMs - slope * fromX, slope, 0);
    }
  }
}
