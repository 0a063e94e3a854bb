/** Weighted shortest processing time: weight over the tokens that still have to be prefilled. */
export function scoreWspt(
  priority: number,
  _arrivalSeconds: number,
  inputTokens: number,
  bestCachedTokens: number,
): number {
  return (1 + Math.max(0, priority)) / Math.max(1, inputTokens - bestCachedTokens);
}
