/** Last come, first served, with a head start: the request that counts as younger goes first. */
export function scoreLcfs(priority: number, arrivalSeconds: number): number {
  return Math.max(0, priority) + arrivalSeconds;
}
