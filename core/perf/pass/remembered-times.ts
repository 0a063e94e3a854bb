import type { TokenOperator } from './token-operators.ts';

/** Token counts up to which times are remembered. */
const REMEMBERED_TOKENS = 65_536;

/** What operators take together, all their runs, remembered by the number of tokens. */
export class RememberedTimes {
  readonly #operators: readonly TokenOperator[];
  /** Milliseconds by tokens; NaN = not asked for yet. Absent where nothing is to be remembered. */
  readonly #ms: Float64Array | undefined;

  constructor(operators: readonly TokenOperator[]) {
    this.#operators = operators;
    if (operators.length > 0) this.#ms = new Float64Array(REMEMBERED_TOKENS).fill(Number.NaN);
  }

  /** Milliseconds of a pass with so many tokens; 0 where there is no operator. */
  ms(tokens: number): number {
    if (this.#ms === undefined) return 0;
    const remembered = tokens < REMEMBERED_TOKENS ? this.#ms[tokens]! : Number.NaN;
    if (!Number.isNaN(remembered)) return remembered;
    let ms = 0;
    for (const operator of this.#operators) ms += operator.count * operator.ms(tokens);
    if (tokens < REMEMBERED_TOKENS) this.#ms[tokens] = ms;
    return ms;
  }
}
