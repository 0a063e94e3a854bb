/** Requests that wait for admission, in the order in which they may come in. */
export interface WaitingLine {
  readonly size: number;
  /** The request whose turn it is; the line must not be empty. */
  readonly first: number;
  /** A request joins. */
  pushBack(row: number): void;
  /** A request that lost its blocks comes back, later than those that come back after it. */
  pushFront(row: number): void;
  popFront(): number;
  /** Takes out a request that waits anywhere. */
  remove(row: number): void;
}
