import { growColumn } from '#core/base/columns.ts';
import type { Ns } from '#core/base/time.ts';
import type { HolderTable } from '#core/kv/extents/holder-table.ts';
import type { PromptForest } from '#core/tokens/prompt-forest.ts';
import type { RequestTable } from './request-table.ts';
import type { SessionTable } from './session-table.ts';

/** The tables in which an attempt has a row. */
export interface AttemptTables {
  readonly requests: RequestTable;
  readonly sessions: SessionTable;
  readonly holders: HolderTable;
  readonly forest: PromptForest;
}

/** The attempts of a request: each is a row of its own that asks for the same. */
export class Attempts {
  readonly #tables: AttemptTables;

  constructor(tables: AttemptTables) {
    this.#tables = tables;
  }

  /** The row of the first attempt. */
  firstOf(row: number): number {
    return firstAttemptOf(this.#tables.requests, row);
  }

  /** Attempts before this one. */
  before(row: number): number {
    return this.#tables.requests.attempt[row] ?? 0;
  }

  /** When its client would leave by itself, however often it tries; infinite when it stays. */
  leavesNs(row: number): Ns {
    const { cancelAfterNs, arrivalNs } = this.#tables.requests;
    const spanNs = cancelAfterNs[row] || Number.POSITIVE_INFINITY;
    return arrivalNs[row]! + spanNs;
  }

  /** The attempt that follows one that has just ended, and arrives at `arrivalNs`. */
  next(row: number, arrivalNs: Ns): number {
    const { requests, sessions } = this.#tables;
    const leavesNs = this.leavesNs(row);
    const first = this.firstOf(row);
    const attempt = this.before(row) + 1;
    const next = requests.appendCopy(row);
    requests.attempt = growColumn(requests.attempt, next + 1);
    requests.firstAttempt = growColumn(requests.firstAttempt, next + 1);
    requests.attempt[next] = attempt;
    requests.firstAttempt[next] = first + 1;
    if (leavesNs !== Number.POSITIVE_INFINITY) requests.cancelAfterNs[next] = leavesNs - arrivalNs;
    sessions.appendAttempt(next);
    this.#openPrompt(row, next);
    return next;
  }

  /** The prompt is held for the new attempt; what an earlier one generated below it is not. */
  #openPrompt(row: number, next: number): void {
    const { holders, forest } = this.#tables;
    let leaf = holders.leaf[row]!;
    let leafBlocks = holders.leafBlocks[row]!;
    let pathBlocks = holders.pathBlocks[row]!;
    while (leaf >= 0 && forest.isPrivate(leaf)) {
      pathBlocks -= leafBlocks;
      leafBlocks = forest.attach[leaf]!;
      leaf = forest.parent[leaf]!;
    }
    if (leaf >= 0) forest.retain(leaf);
    holders.open(next, leaf, leaf < 0 ? 0 : leafBlocks, pathBlocks);
  }
}

/** The row of the first attempt of a request. */
export function firstAttemptOf({ firstAttempt }: RequestTable, row: number): number {
  return (firstAttempt[row] || row + 1) - 1;
}
