/** Where in the shared counter stands how many pieces are handed over and not yet written. */
export const PENDING = 0;

/** What the writing thread is told at its start. */
export interface FileTask {
  readonly path: string;
  readonly zipped: boolean;
  readonly pending: Int32Array<SharedArrayBuffer>;
}

/** The next piece, or that there is no more; the thread answers the end with what went wrong, if so. */
export type WriteMessage = Uint8Array<ArrayBuffer> | 'end';
