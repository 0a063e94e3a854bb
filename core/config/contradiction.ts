/** Values that are fine alone and contradict each other. */
export interface Contradiction {
  readonly path: string;
  readonly why: string;
  readonly remedy: string;
}
