import type { PrefixMatch } from './prefix-match.ts';
import type { PromptPath } from './prompt-path.ts';

/** What a policy asks of an index: which targets are believed to hold how much of a prompt. */
export interface PrefixIndex {
  /**
   * Fills `match` with the leading blocks of the path that each target holds without a gap; first
   * levels with more than `longestList` owners may count as hot, see there.
   */
  match(path: PromptPath, match: PrefixMatch, longestList?: number): void;
  /** Makes room in a result for every target that the index knows. */
  reserve(match: PrefixMatch): void;
  /** Blocks that the target holds of all prompts together. */
  blocksOf(target: number): number;
}
