/** First come, first served, with a head start: the request that counts as older goes first. */
export function scoreFcfs(priority: number, arrivalSeconds: number): number {
  return Math.max(0, priority) - arrivalSeconds;
}
