import type { CostWeights } from '../cost/cost-model.ts';

const MANTISSA_BITS = 53;
/** Tokens, blocks and requests of one target, and sums of three such terms, stay below 2^42. */
const QUANTITY_BITS = 42;

/** The smallest k with value · 2^k an integer, or Infinity beyond 30. */
function fractionBits(value: number): number {
  for (let bits = 0; bits <= 30; bits++) {
    if (Number.isInteger(value * 2 ** bits)) return bits;
  }
  return Infinity;
}

/**
 * True when every cost under these weights is computed without rounding: block size and weights
 * are binary fractions so short that each intermediate value fits a double. Then the cost of a
 * target that shares nothing with the prompt is its load key plus a constant of the request,
 * exactly, so that equal keys mean equal costs and less means less.
 */
export function costsAreExact(weights: CostWeights): boolean {
  const scaleBits = fractionBits(weights.prefillLoadScale);
  const sizeBits = Math.log2(weights.blockSize);
  if (!Number.isInteger(sizeBits)) return false;
  const bits = Math.max(
    scaleBits + Math.max(sizeBits, fractionBits(weights.overlapScoreCredit)),
    fractionBits(weights.decodeActiveRequestWeight),
  );
  const magnitude = Math.max(
    1,
    weights.prefillLoadScale,
    weights.overlapScoreCredit,
    weights.decodeActiveRequestWeight,
  );
  return bits + QUANTITY_BITS + Math.ceil(Math.log2(magnitude)) <= MANTISSA_BITS;
}

/**
 * The largest load key that a target of the least cost can have when costs are rounded. A cost is
 * a sum and product of non-negative terms with fewer than eight roundings of relative size 2⁻⁵³,
 * and so is a key; 64 of them cover both sides of the comparison. `sharedCost` is what the request
 * itself adds to every such target.
 */
export function keyBound(minimumKey: number, sharedCost: number): number {
  return minimumKey + (minimumKey + sharedCost) * 2 ** -47;
}

/**
 * The largest load key that a target can have whose cost is at most `cost`, if what it shares with
 * the request takes at most `discount` off: its cost is at least key + sharedCost − discount. The
 * room for rounding is that of `keyBound`, doubled for the further term.
 */
export function discountedKeyBound(cost: number, sharedCost: number, discount: number): number {
  return cost - sharedCost + discount + (cost + sharedCost + discount) * 2 ** -46;
}
