import { assert } from '#core/base/assert.ts';

/** Where the knots of one axis lie: evenly from `first` to `last`, `count` of them. */
export interface Axis {
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

/**
 * What a fitted formula leaves over, as the logarithm of measured ÷ formula on a grid of three axes,
 * linear between knots and constant beyond them. Cells are hundredths, the last axis runs fastest.
 */
export class ResidualGrid {
  readonly #axes: readonly [Axis, Axis, Axis];
  readonly #cells: readonly number[];

  /** `cells` has as many numbers as the axes have knots together. */
  constructor(axes: readonly [Axis, Axis, Axis], cells: readonly number[]) {
    const knots = axes[0].count * axes[1].count * axes[2].count;
    assert(cells.length === knots, 'a residual grid has a cell for each knot');
    this.#axes = axes;
    this.#cells = cells;
  }

  /** The factor by which the measured time differs from the formula's at that place. */
  factor(x: number, y: number, z: number): number {
    const [xs, ys, zs] = this.#axes;
    const px = placeOf(xs, x);
    const py = placeOf(ys, y);
    const pz = placeOf(zs, z);
    const x0 = Math.min(Math.floor(px), Math.max(0, xs.count - 2));
    const x1 = Math.min(x0 + 1, xs.count - 1);
    const low = this.#plane(x0, py, pz);
    const high = this.#plane(x1, py, pz);
    return Math.exp((low + (high - low) * (px - x0)) / 100);
  }

  #plane(x: number, py: number, pz: number): number {
    const [, ys, zs] = this.#axes;
    const y0 = Math.min(Math.floor(py), Math.max(0, ys.count - 2));
    const y1 = Math.min(y0 + 1, ys.count - 1);
    const z0 = Math.min(Math.floor(pz), Math.max(0, zs.count - 2));
    const z1 = Math.min(z0 + 1, zs.count - 1);
    const row0 = (x * ys.count + y0) * zs.count;
    const row1 = (x * ys.count + y1) * zs.count;
    const cells = this.#cells;
    const low = cells[row0 + z0]! + (cells[row0 + z1]! - cells[row0 + z0]!) * (pz - z0);
    const high = cells[row1 + z0]! + (cells[row1 + z1]! - cells[row1 + z0]!) * (pz - z0);
    return low + (high - low) * (py - y0);
  }
}

function placeOf({ first, last, count }: Axis, at: number): number {
  const place = ((at - first) / (last - first)) * (count - 1);
  return Math.min(Math.max(place, 0), count - 1);
}
