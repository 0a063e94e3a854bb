/** Weight of what was known before, each time that something is added: a memory of about 100. */
const KEPT = 0.99;

/** A quotient of two sums that forget, such as the time of a token over the last 100 prefills. */
export class RecentMean {
  #sum = 0;
  #weight = 0;

  /** Adds `sum` for a `weight` ≥ 0. */
  add(sum: number, weight: number): void {
    this.#sum = this.#sum * KEPT + sum;
    this.#weight = this.#weight * KEPT + weight;
  }

  /** 0 while nothing is known. */
  get value(): number {
    return this.#weight > 0 ? this.#sum / this.#weight : 0;
  }
}
