/** A key that changes nothing in a run, and why. */
export interface IneffectiveKey {
  readonly path: string;
  readonly why: string;
  readonly remedy: string;
}
