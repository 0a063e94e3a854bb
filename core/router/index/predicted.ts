import type { PrefixIndex } from './prefix-index.ts';
import { PrefixMatch } from './prefix-match.ts';
import type { PromptPath } from './prompt-path.ts';

/**
 * An index from KV events beside one from the router's own decisions: of what the two believe of a
 * target, the longer prefix counts. It bridges the time until the events of a new prompt arrive.
 */
export class PredictedIndex implements PrefixIndex {
  readonly #primary: PrefixIndex;
  readonly #side: PrefixIndex;
  readonly #predicted = new PrefixMatch();

  constructor(primary: PrefixIndex, side: PrefixIndex) {
    this.#primary = primary;
    this.#side = side;
  }

  /** Lists every target that either index knows of: a hot level of one may be short in the other. */
  match(path: PromptPath, match: PrefixMatch): void {
    this.reserve(match);
    this.#primary.match(path, match);
    this.#predicted.clear();
    this.#side.match(path, this.#predicted);
    match.raise(this.#predicted);
  }

  reserve(match: PrefixMatch): void {
    this.#primary.reserve(match);
    this.#side.reserve(match);
  }

  /** What the events tell: a prediction is not held. */
  blocksOf(target: number): number {
    return this.#primary.blocksOf(target);
  }
}
