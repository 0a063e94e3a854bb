import { assert } from '#core/base/assert.ts';

/**
 * Draws an index with probability ∝ exp(−(cost − min)/((max − min) · temperature)): costs are
 * normalised over the candidates first, so the temperature has no unit. `uniform` is a number in
 * [0, 1); the first index whose cumulative probability reaches it is taken. All costs equal →
 * uniform. Temperature must be > 0.
 *
 * `weights` is scratch of at least `count` elements. A span of costs that overflows is halved.
 */
export function drawSoftmax(
  costs: Float64Array,
  count: number,
  temperature: number,
  uniform: number,
  weights: Float64Array,
): number {
  assert(count > 0 && temperature > 0, 'a draw needs candidates and a temperature above 0');
  let least = costs[0]!;
  let most = costs[0]!;
  for (let index = 1; index < count; index++) {
    const cost = costs[index]!;
    if (cost < least) least = cost;
    if (cost > most) most = cost;
  }
  const unit = Number.isFinite(most - least) ? 1 : 0.5;
  const span = (most * unit - least * unit) * temperature;
  let total = 0;
  for (let index = 0; index < count; index++) {
    const weight = span > 0 ? Math.exp(-(costs[index]! * unit - least * unit) / span) : 1;
    weights[index] = weight;
    total += weight;
  }
  let cumulative = 0;
  for (let index = 0; index < count; index++) {
    cumulative += weights[index]! / total;
    if (uniform <= cumulative) return index;
  }
  return count - 1;
}
