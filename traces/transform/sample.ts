import { openStream } from '#core/base/random.ts';
import type { TraceBatch } from '../batch.ts';
import type { RowTransform } from './rewrite.ts';
import { SessionChoice } from './session-choice.ts';

/**
 * Keeps each session, and each request without one, with the same probability. Arrivals keep their
 * times, so that the sample is a thinner version of the same traffic.
 */
export class Sample implements RowTransform {
  readonly #fraction: number;
  readonly #choice = new SessionChoice();
  readonly #random: { nextFloat(): number };

  /** `fraction` from 0 to 1. The same seed on the same trace keeps the same sessions. */
  constructor(fraction: number, seed: number) {
    this.#fraction = fraction;
    this.#random = openStream(seed, 'trace/sample');
  }

  take(batch: TraceBatch, row: number): boolean {
    const decide = () => this.#random.nextFloat() < this.#fraction;
    return this.#choice.of(batch, row, decide);
  }
}
