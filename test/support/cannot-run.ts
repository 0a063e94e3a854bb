/** Something that a test needs is not on this machine and cannot be fetched; whoever catches it says why. */
export class CannotRun extends Error {
  override readonly name = 'CannotRun';
}
