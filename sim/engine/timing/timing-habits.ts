/** Arithmetic of another program that timing imitates only on request. */
export interface TimingHabits {
  /**
   * The new tokens of a pass come from two means, of spans and of prefixes, each floored: up to a
   * token a request too many or too few.
   */
  readonly flooredPrefillMeans: boolean;
  /** Speed-ups divide durations that are whole nanoseconds already. */
  readonly roundedBeforeScaling: boolean;
}
