import { growColumn } from '#core/base/columns.ts';

/** What a pass has done to a request, as far as the router and the workload care. */
export const Outcome = {
  /** Its prompt is computed and its first token is out. */
  firstToken: 0,
  /** Its last token is out. */
  finished: 1,
  /** It can never be served by this worker. */
  rejected: 2,
} as const;

/**
 * Outcomes of a pass in the order of the batch, drained by the cluster.
 *
 *     kind[i]   Outcome
 *     row[i]    request
 */
export class OutcomeLog {
  count = 0;
  kind = new Uint8Array(16);
  row = new Int32Array(16);

  push(kind: number, row: number): void {
    const entry = this.count++;
    if (entry >= this.row.length) {
      this.kind = growColumn(this.kind, entry + 1);
      this.row = growColumn(this.row, entry + 1);
    }
    this.kind[entry] = kind;
    this.row[entry] = row;
  }

  clear(): void {
    this.count = 0;
  }
}
