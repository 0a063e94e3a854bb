/** The most that any pass of a run has had of each, so that a fit can be asked whether it reaches so far. */
export class PassPeaks {
  prefillTokens = 0;
  decodeRequests = 0;
}
