import { growColumn } from '#core/base/columns.ts';
import type { RandomStream } from '#core/base/random.ts';
import type { PrefixIndex } from '../../index/prefix-index.ts';
import type { RouteQuery } from '../../query.ts';
import { drawSoftmax } from '../../selection/softmax.ts';
import type { TieSet } from '../../selection/tie-set.ts';
import type { QueryScores } from './query-scores.ts';

/** Chooses by the cost of every candidate, one by one. */
export class FullChoice {
  readonly #scores: QueryScores;
  readonly #ties: TieSet;
  readonly #index: PrefixIndex;
  readonly #stream: RandomStream;
  readonly #prefersSmallIndex: boolean;
  #costs = new Float64Array(16);
  #scratch = new Float64Array(16);
  #found = new Int32Array(16);

  constructor(
    scores: QueryScores,
    ties: TieSet,
    index: PrefixIndex,
    stream: RandomStream,
    prefersSmallIndex: boolean,
  ) {
    this.#scores = scores;
    this.#ties = ties;
    this.#index = index;
    this.#stream = stream;
    this.#prefersSmallIndex = prefersSmallIndex;
  }

  /**
   * One of the first `count` targets, at least one: of the least cost for a temperature of 0, equal
   * costs uniformly; above 0 drawn by softmax.
   */
  choose(query: RouteQuery, targets: Int32Array, count: number, temperature: number): number {
    if (temperature > 0) return this.#chooseBySoftmax(query, targets, count, temperature);
    const ties = this.#ties;
    ties.clear();
    if (this.#scores.isPlain) this.#scores.offerAll(query, targets, count, undefined, ties);
    else this.#offerAtFullCost(query, targets, count);
    return this.#prefersSmallIndex ? this.#drawSmallestIndex() : ties.draw(this.#stream);
  }

  #offerAtFullCost(query: RouteQuery, targets: Int32Array, count: number): void {
    for (let place = 0; place < count; place++) {
      const target = targets[place]!;
      this.#ties.offer(target, this.#scores.costOn(query, target));
    }
  }

  /** The 1.0 release preferred, among equal costs, the targets with the fewest indexed blocks. */
  #drawSmallestIndex(): number {
    const ties = this.#ties;
    const count = ties.count;
    if (this.#found.length < count) this.#found = growColumn(this.#found, count);
    for (let place = 0; place < count; place++) this.#found[place] = ties.at(place);
    ties.clear();
    for (let place = 0; place < count; place++) {
      const target = this.#found[place]!;
      ties.offer(target, this.#index.blocksOf(target));
    }
    return ties.draw(this.#stream);
  }

  #chooseBySoftmax(
    query: RouteQuery,
    targets: Int32Array,
    count: number,
    temperature: number,
  ): number {
    if (this.#costs.length < count) {
      this.#costs = growColumn(this.#costs, count);
      this.#scratch = growColumn(this.#scratch, count);
    }
    for (let place = 0; place < count; place++) {
      this.#costs[place] = this.#scores.costOn(query, targets[place]!);
    }
    const uniform = this.#stream.nextFloat();
    const place = drawSoftmax(this.#costs, count, temperature, uniform, this.#scratch);
    return targets[place]!;
  }
}
