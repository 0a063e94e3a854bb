import { lnGamma } from '#core/base/distributions.ts';
import { meanOfLargest } from '#core/base/largest-gamma.ts';

/** Bounds of the concentration: nearly all to one expert, and as good as even. */
const LEAST_ALPHA = 1e-3;
const MOST_ALPHA = 1e5;
const HALVINGS = 40;

/**
 * How a layer's tokens spread over experts that are not equally popular, and what of it falls on the
 * busiest of the groups that the experts are dealt out to.
 *
 * The popularities of E experts are drawn from a symmetric Dirichlet distribution of concentration α:
 * they are E Gamma(α) variables over their sum. `imbalance` is the load of the most popular expert
 * over the mean, E[max of E Gamma(α)] / α, as balancers of experts log it, and gives α. A group of
 * k = E/R experts gets Gamma(kα) of it, so that the busiest of R groups expects the share
 * h = E[max of R Gamma(kα)] / (R·kα). An expert on it has popularity Beta(α, α·(k/h − 1)), of mean h/k,
 * and is left out by V visits with the chance B(α, β + V) / B(α, β).
 */
export class ExpertLoad {
  /** Share of all visits that the busiest group gets. */
  readonly busiestShare: number;
  readonly #experts: number;
  readonly #perGroup: number;
  /** Of a Beta distribution; absent where all experts are equally popular. */
  readonly #shape: { readonly alpha: number; readonly beta: number } | undefined;

  /** `imbalance`: from 1 to below the number of experts. */
  constructor(experts: number, groups: number, imbalance: number) {
    this.#experts = experts;
    this.#perGroup = experts / groups;
    if (imbalance === 1) {
      this.busiestShare = 1 / groups;
      return;
    }
    const alpha = concentrationOf(experts, imbalance);
    const ofGroup = this.#perGroup * alpha;
    const share = meanOfLargest(groups, ofGroup) / (groups * ofGroup);
    this.busiestShare = share;
    this.#shape = { alpha, beta: alpha * (this.#perGroup / share - 1) };
  }

  /** Experts of the busiest group that so many visits to the layer reach, on average. */
  visited(visits: number): number {
    if (this.#shape === undefined) {
      return this.#perGroup * (1 - (1 - 1 / this.#experts) ** visits);
    }
    const { alpha, beta } = this.#shape;
    const leftOut =
      lnGamma(beta + visits) -
      lnGamma(beta) +
      lnGamma(alpha + beta) -
      lnGamma(alpha + beta + visits);
    return this.#perGroup * (1 - Math.exp(leftOut));
  }
}

/** The α at which the most popular of `experts` gets `imbalance` times the mean. */
function concentrationOf(experts: number, imbalance: number): number {
  let low = Math.log(LEAST_ALPHA);
  let high = Math.log(MOST_ALPHA);
  for (let round = 0; round < HALVINGS; round++) {
    const middle = (low + high) / 2;
    const alpha = Math.exp(middle);
    if (meanOfLargest(experts, alpha) / alpha > imbalance) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
}
